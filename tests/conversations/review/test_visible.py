"""Characters that act are shown, and those that are read stay."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.review.visible import text_visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a⟦U+0000⟧b"),
        ("\u202egnp.exe", "⟦U+202E⟧gnp.exe"),
        ("\u2066x\u2069", "⟦U+2066⟧x⟦U+2069⟧"),
        ("zero\u200bwidth", "zero⟦U+200B⟧width"),
        ("\U000e0041", "⟦U+E0041⟧"),
        ("\x1b[31m", "⟦U+001B⟧[31m"),
        ("\x85", "⟦U+0085⟧"),
    ],
)
def test_an_acting_character_is_shown_by_its_name(text: str, shown: str) -> None:
    assert text_visible(text) == shown


@pytest.mark.parametrize("text", ["two\n\tlines", "我想退货", "می‌خواهم", "👩‍👩‍👧", "café", "<b>"])
def test_what_people_write_stays(text: str) -> None:
    assert text_visible(text) == text


def test_line_ends_of_windows_are_line_ends() -> None:
    assert text_visible("a\r\nb\rc") == "a\nb⟦U+000D⟧c"


@given(text=st.text())
def test_no_control_and_no_turning_of_text_survives(text: str) -> None:
    acting = {
        character
        for character in text_visible(text)
        if unicodedata.category(character) == "Cc"
        or unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI"}
        or unicodedata.bidirectional(character) in {"RLI", "FSI", "PDI"}
    }
    assert acting <= {"\n", "\t"}
