from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.text import TextMender, ThinkingFilter


def mend(pieces: list[str]) -> str:
    mender = TextMender()
    return "".join(mender.feed(piece) for piece in pieces if piece) + mender.end()


def think(pieces: list[str]) -> str:
    thinking = ThinkingFilter()
    return "".join(thinking.feed(piece) for piece in pieces) + thinking.end()


@given(st.text(st.characters(exclude_characters="\x00"), max_size=20))
def test_whole_characters_pass_unchanged_however_their_halves_are_cut(text: str) -> None:
    text = text.encode(errors="replace").decode()
    halves = text.encode("utf-16-le")
    pieces = [
        halves[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(halves), 2)
    ]

    assert mend(pieces) == text


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["\ud83d", "\ude00"], "\U0001f600"),
        (["a\ud83d"], "a\ufffd"),
        (["\ud83d", "b"], "\ufffdb"),
        (["\ude00"], "\ufffd"),
        (["a\x00b"], "a\ufffdb"),
    ],
)
def test_what_no_database_can_keep_becomes_a_replacement_character(
    pieces: list[str], text: str
) -> None:
    assert mend(pieces) == text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<think>Norway?</think>Yes.", "Yes."),
        ("\n<think>Norway?\n</think>\n\nYes.", "Yes."),
        ("Yes, <think> is a tag.", "Yes, <think> is a tag."),
        ("<thinner>", "<thinner>"),
        ("<thi", "<thi"),
        ("<think>never ends", ""),
        ("<think></think>", ""),
        ("  Yes.", "  Yes."),
        ("", ""),
    ],
)
@given(data=st.data())
def test_only_a_thought_at_the_very_start_is_hidden_however_it_is_cut(
    said: str, shown: str, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=6)))
    pieces = [said[a:b] for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]

    assert think(pieces) == shown
