from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.masking.mask import Mask
from conversations.masking.placeholders import PLACEHOLDER
from tests.conversations.masking.corpus import TEXT, TEXTS

LONGEST = len("[EMAIL-1") + 2


def pieces(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[a:b] for a, b in pairwise(places)]


def spoken(mask: Mask, said: list[str]) -> list[str]:
    """Return what is shown after each piece; at no moment is it wrong, or half a placeholder."""
    whole = mask.unmask("".join(said))
    unmasker = mask.unmasker()
    shown, heard = "", 0
    moments = []
    for piece in said:
        shown += unmasker.feed(piece)
        heard += len(piece)
        moments.append(shown)
        assert whole.startswith(shown)
    shown += unmasker.finish()
    assert shown == whole
    return moments


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_may_be_cut_at_every_place(text: str) -> None:
    mask = Mask()
    masked = mask.mask(text)
    for cut in range(len(masked) + 1):
        spoken(mask, pieces(masked, [cut]))
    spoken(mask, list(masked))
    for first in range(len(masked)):
        spoken(mask, pieces(masked, [first, first + 2]))


@given(TEXT, TEXT, st.lists(st.integers(0, 200)))
def test_any_text_may_be_cut_at_any_places(known: str, said: str, cuts: list[int]) -> None:
    mask = Mask()
    answer = f"{mask.mask(known)}{said}"  # a model says what it was told, and what it likes
    spoken(mask, pieces(answer, cuts))


@pytest.mark.parametrize("text", TEXTS)
def test_it_holds_back_only_what_may_become_a_placeholder_of_its_own(text: str) -> None:
    mask = Mask()
    masked = mask.mask(text)
    ours = {match[0].upper() for match in PLACEHOLDER.finditer(masked)}
    unmasker = mask.unmasker()
    shown = ""
    for end, letter in enumerate(masked, start=1):
        shown += unmasker.feed(letter)
        held = mask.unmask(masked[:end]).removeprefix(shown)
        assert len(held) <= LONGEST
        assert not held or any(name.startswith(held.upper()) for name in ours)
        assert not any(shown.endswith(name[:size]) for name in ours for size in range(2, len(name)))


def test_a_bracket_that_leads_nowhere_is_shown_at_once() -> None:
    mask = Mask()
    mask.mask("a@b.de")
    unmasker = mask.unmasker()
    assert unmasker.feed("[") == ""
    assert unmasker.feed("1") == "[1"
    assert unmasker.feed("] see [EMAIL-") == "] see "
    assert unmasker.feed("2") == "[EMAIL-2"
    assert unmasker.feed("[EM") == ""
    assert unmasker.feed("AIL-1") == ""
    assert unmasker.feed("], ok") == "a@b.de, ok"


def test_without_values_nothing_is_held_back() -> None:
    unmasker = Mask().unmasker()
    assert [unmasker.feed(piece) for piece in ("[EM", "AIL-1", "]")] == ["[EM", "AIL-1", "]"]


def test_the_end_brings_what_was_held_back() -> None:
    mask = Mask()
    mask.mask("a@b.de")
    unmasker = mask.unmasker()
    assert unmasker.feed("see [EMAIL") == "see "
    assert unmasker.finish() == "[EMAIL"
    assert unmasker.finish() == ""
