from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.masking.finds import finds
from conversations.masking.mask import Mask
from conversations.masking.placeholders import PLACEHOLDER
from tests.conversations.masking.corpus import FOUND, TEXT, TEXTS, TOGETHER


@settings(max_examples=600)
@given(st.lists(TEXT, max_size=4))
def test_what_was_masked_comes_back_and_nothing_survives(texts: list[str]) -> None:
    mask = Mask()
    masked = [mask.mask(text) for text in texts]
    assert [mask.unmask(text) for text in masked] == texts
    for text in masked:
        ours = {match[0] for match in PLACEHOLDER.finditer(text)}
        assert {text[start:end] for start, end, _ in finds(text)} == ours
        assert ours <= {*mask.placeholders}


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_of_the_corpus_comes_back(text: str) -> None:
    mask = Mask()
    assert mask.unmask(mask.mask(text)) == text


@pytest.mark.parametrize(("text", "values"), FOUND, ids=[text for text, _ in FOUND])
def test_no_value_of_the_corpus_survives(text: str, values: tuple[tuple[str, str], ...]) -> None:
    masked = Mask().mask(text)
    assert not any(value in masked for _, value in values)


def test_each_kind_has_a_placeholder_that_tells_what_it_is() -> None:
    assert Mask().mask(TOGETHER[0]) == (
        "I am Zhang Wei, [EMAIL-1], [PHONE-1]; refund to [IBAN-1] "
        "or card [CARD-1], and my ID is [ID-1]."
    )


def test_the_same_value_has_the_same_placeholder_in_every_text() -> None:
    mask = Mask()
    assert mask.mask("a@b.de and c@d.fr") == "[EMAIL-1] and [EMAIL-2]"
    assert mask.mask("c@d.fr, not a@b.de") == "[EMAIL-2], not [EMAIL-1]"


def test_the_same_texts_make_the_same_placeholders() -> None:
    one, other = Mask(), Mask()
    assert [one.mask(text) for text in TEXTS] == [other.mask(text) for text in TEXTS]


def test_nobody_gets_a_value_by_typing_its_placeholder() -> None:
    mask = Mask()
    masked = mask.mask("a@b.de, and what is [EMAIL-1] or [email-1]?")
    assert masked == "[EMAIL-1], and what is [TEXT-1] or [TEXT-2]?"
    assert mask.unmask(masked) == "a@b.de, and what is [EMAIL-1] or [email-1]?"
    assert mask.unmask("You said [TEXT-1].") == "You said [EMAIL-1]."


def test_a_placeholder_nobody_made_stays_as_it_is() -> None:
    mask = Mask()
    mask.mask("a@b.de")
    assert mask.unmask("[EMAIL-2] [CARD-1] [EMAIL-01]") == "[EMAIL-2] [CARD-1] [EMAIL-01]"


def test_a_model_may_change_the_case_of_a_placeholder() -> None:
    mask = Mask()
    mask.mask("a@b.de")
    assert mask.unmask("[Email-1]") == "a@b.de"


def test_what_is_public_stays_wherever_it_recurs() -> None:
    mask = Mask()
    told = mask.publish("Call +49 30 1234567 or write to [EMAIL-1] with {{name}}.")
    assert told == "Call +49 30 1234567 or write to [TEXT-1] with {{name}}."
    assert mask.mask("+49 30 1234567 or +49 30 7654321?") == "+49 30 1234567 or [PHONE-1]?"


def test_what_a_removed_value_has_hidden_is_removed_too() -> None:
    text = "4111 1111 1111 1111@b.de"
    assert Mask().mask(text) in {"4111 1111 1111 [EMAIL-1]", "[CARD-1]@b.de"}
    mask = Mask()
    assert mask.unmask(mask.mask(text)) == text
