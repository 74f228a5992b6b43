"""Text becomes terms, the same for what is stored and for what is searched."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.finding.words import (
    LONGEST_WORD,
    MOST_TERMS,
    is_dense,
    terms_located,
    terms_of,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("¿!? …", []),
        ("Where's my ORDER?", ["where", "s", "my", "order"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("cre\u0300me", ["creme"]),
        ("Straße", ["strasse"]),
        ("\uff21\uff22\uff11", ["ab1"]),  # full width
        ("ﬁne №5", ["fine", "no5"]),
        ("退", ["退"]),
        ("退款", ["退款", "款"]),
        ("退款吗？", ["退款", "款吗", "吗"]),
        ("买iPhone壳", ["买", "iphone", "壳"]),
        ("ばば", ["ばば", "ば"]),
        ("ｶﾀｶﾅ", ["カタ", "タカ", "カナ", "ナ"]),
        ("환불", ["환불", "불"]),
        ("हिन्दी", ["हिनदी"]),
        ("المُدرّس", ["المدرس"]),
        ("order-123_456", ["order", "123", "456"]),
        ("½", ["1", "2"]),
    ],
)
def test_text_becomes_terms(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


def test_a_decomposed_text_has_the_terms_of_a_composed_one() -> None:
    for text in ("환불 문의", "crème", "がぎぐ"):
        assert terms_of(unicodedata.normalize("NFD", text)) == terms_of(text)


def test_endless_words_are_cut_and_endless_texts_end() -> None:
    assert terms_of("a" * 500) == ["a" * LONGEST_WORD]
    assert len(terms_of("款" * 50_000)) == MOST_TERMS
    # One character that unfolds to eighteen.
    assert len(" ".join(terms_of("\ufdfa" * 100_000))) <= 120_000


@given(text=st.text())
def test_terms_hold_nothing_but_letters_numbers_and_their_marks(text: str) -> None:
    for term in terms_of(text):
        assert 0 < len(term) <= LONGEST_WORD
        assert {unicodedata.category(character)[0] for character in term} <= set("LNM")


@given(text=st.text())
def test_terms_of_terms_are_the_same_terms_but_for_scripts_without_spaces(text: str) -> None:
    spaced = [term for term in terms_of(text) if not is_dense(term)]
    assert terms_of(" ".join(spaced)) == spaced


@given(text=st.text().map(lambda text: unicodedata.normalize("NFC", text)))
def test_located_terms_are_the_same_terms_in_their_places(text: str) -> None:
    located = terms_located(text)
    assert [found.term for found in located] == terms_of(text)
    for found in located:
        assert 0 <= found.start < found.end <= len(text)
        assert found.term in terms_of(text[found.start : found.end]) or found.term[0] in (
            "".join(terms_of(text[found.start : found.end]))
        )


def test_a_place_counts_the_characters_of_the_text_as_it_is() -> None:
    text = "ﬁne: Straße, 退款。"
    assert [text[found.start : found.end] for found in terms_located(text)] == [
        "ﬁne",
        "Straße",
        "退款",
        "款",
    ]
