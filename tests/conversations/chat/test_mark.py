"""However a stream cuts it, no letter of the mark is ever seen, and nothing else is lost."""

from __future__ import annotations

import sys
from itertools import combinations
from random import Random
from types import FrameType

import pytest

from conversations.chat.mark import MARK, MarkFilter, has_mark


def said(pieces: list[str], *, is_on: bool = True) -> tuple[str, bool, list[str]]:
    mark = MarkFilter(is_on=is_on)
    shown = [mark.feed(piece) for piece in pieces]
    return "".join(shown) + mark.finish(), mark.is_found, shown


@pytest.mark.parametrize("written", [MARK, "[[TEAM]]", "[[Team]]"])
def test_every_split_into_three_hides_it(written: str) -> None:
    text = f"Ask us. {written} Bye"
    for first, second in combinations(range(len(text) + 1), 2):
        whole, is_found, shown = said([text[:first], text[first:second], text[second:]])
        assert (whole, is_found) == ("Ask us.  Bye", True)
        assert all("[" not in piece for piece in shown)


def test_letter_by_letter_it_is_hidden_as_often_as_it_comes() -> None:
    assert said(list(f"{MARK}a[{MARK}]{MARK}"))[:2] == ("a[]", True)


WITHIN = ["[[te[[team]]am]]", "[[[team]][team]]", "[[team[[TE[[team]]am]]]]", "[[[[team]]team]]"]


@pytest.mark.parametrize("written", WITHIN)
def test_of_marks_within_marks_nothing_is_left_however_they_are_cut(written: str) -> None:
    text = f"Ask us. {written} Bye"
    for first, second in combinations(range(len(text) + 1), 2):
        whole, is_found, shown = said([text[:first], text[first:second], text[second:]])
        assert (whole, is_found) == ("Ask us.  Bye", True)
        assert all("[" not in piece for piece in shown)
    assert said(list(text))[:2] == ("Ask us.  Bye", True)


def test_no_text_of_its_letters_ever_shows_it() -> None:
    rng = Random(20261126)
    parts = [*MARK, "[[", "[[te", "am]]", MARK, "x"]
    for _ in range(20_000):
        text = "".join(rng.choices(parts, k=rng.randint(1, 12)))
        whole, is_found, _ = said(list(text))
        assert not has_mark(whole), text
        assert said([text])[:2] == (whole, is_found), text
        if not has_mark(text):
            assert (whole, is_found) == (text, False)


@pytest.mark.parametrize("text", ["[", "[[", "[[tea", "[[tea]]", "a[1] and [[x]]", "[[[team", "]]"])
def test_what_only_looks_like_it_is_said_letter_by_letter(text: str) -> None:
    assert said(list(text))[:2] == (text, False)
    assert said([text])[:2] == (text, False)


def test_no_more_is_held_back_than_may_become_it() -> None:
    mark = MarkFilter(is_on=True)
    assert mark.feed("one [[te") == "one "
    assert mark.feed("st") == "[[test"
    assert mark.feed("[[team]") == ""
    assert mark.feed("] two") == " two"


def test_without_the_template_s_word_it_is_a_text_like_any_other() -> None:
    assert said([f"a {MARK}"], is_on=False)[:2] == (f"a {MARK}", False)


def test_a_template_speaks_of_it_in_any_case_of_letters() -> None:
    assert has_mark("End with [[Team]].")
    assert not has_mark("End with [team].")


def lines_run(text: str) -> int:
    """Return how many lines of Python it takes to read a text letter by letter."""
    count = 0

    def trace(_frame: FrameType, event: str, _given: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]  # a function that returns itself
    try:
        said([text])
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("part", ["[", "[[", "[[tea", "[[te[", "[[[t"])
def test_a_text_of_beginnings_costs_no_more_than_its_length(part: str) -> None:
    assert lines_run(part * 800) < 2.1 * lines_run(part * 400)
