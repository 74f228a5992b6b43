from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.words import is_chinese, terms


def forms(text: str) -> list[str]:
    return [term.form for term in terms(text)]


def concepts(text: str) -> set[str | None]:
    return {term.concept for term in terms(text)} - {None}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("shipping", "shipped"),
        ("return", "returns"),
        ("size", "sizes"),
        ("party", "parties"),
        ("box", "boxes"),
        ("Café", "CAFÉ"),
        ("don\u2019t return", "return"),
    ],
)
def test_forms_of_one_english_word_meet(one: str, other: str) -> None:
    assert forms(one) == forms(other)


def test_words_that_tell_nothing_are_left_out() -> None:
    assert forms("Could you please tell me what this is?") == []


def test_chinese_becomes_overlapping_pairs() -> None:
    assert forms("退货政策") == ["退货", "货政", "政策"]


def test_chinese_is_cut_where_a_word_tells_nothing() -> None:
    assert forms("请问怎么退货") == ["退货"]


def test_a_single_chinese_character_is_a_term_of_its_own() -> None:
    assert forms("我的鞋") == ["鞋"]


@pytest.mark.parametrize(
    ("question", "concept"),
    [
        ("When will it be delivered?", "ship"),
        ("什么时候能送到", "ship"),
        ("Can I send the boots back?", "return"),
        ("我要退款", "refund"),
        ("Where's my parcel?", "track"),
        ("多少钱", "cost"),
    ],
)
def test_words_of_a_shop_share_a_concept_in_both_languages(question: str, concept: str) -> None:
    assert concept in concepts(question)


@given(st.text(max_size=200))
def test_any_text_has_terms_without_repeats_and_never_fails(text: str) -> None:
    found = terms(text)
    assert len(found) == len(set(found))
    assert all(term.form for term in found)


def test_one_chinese_character_makes_a_text_chinese() -> None:
    assert is_chinese("我的 order")
    assert not is_chinese("mon café, ça va?")
