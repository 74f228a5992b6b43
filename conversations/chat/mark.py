"""The mark by which the assistant itself offers the way to a person, taken out of its words. Pure.

A template that says "end your answer with [[team]] when ..." lets the model offer it. A mark is
one line of plain text that any model of any provider can write, streamed or not; tools would
need a second call, and not every provider has them.
"""

from __future__ import annotations

import re

MARK = "[[team]]"
_MARK = re.compile(re.escape(MARK), re.IGNORECASE)
_BRACKETS = MARK[:2]


def has_mark(text: str) -> bool:
    """Return whether a text speaks of the mark."""
    return _MARK.search(text) is not None


class MarkFilter:
    """Takes the mark out of a text that comes in pieces; no part of it ever shows.

    It holds back nothing but what may yet become the mark: seven characters at the most, and as
    many more for each mark that was begun within another. Where one within is taken out, what
    stood around it is the mark again, and goes as well. A character costs the same however much
    is held back: whoever has a model write nothing but brackets keeps nobody waiting.

    Args:
        is_on: Whether the template speaks of the mark; if not, the text stays as it is.

    Attributes:
        is_found: Whether the mark has come.
    """

    def __init__(self, *, is_on: bool) -> None:
        self.is_found = False
        self._is_on = is_on
        # What is held back, the innermost last: how many brackets stand in a row, or a beginning
        # with letters. Which two of many brackets begin the mark, the letter behind them says.
        self._begun: list[int | str] = []

    def feed(self, piece: str) -> str:
        """Take the next piece, and return what can be shown by now."""
        if not self._is_on or (MARK[0] not in piece and not self._begun):
            return piece
        return "".join(map(self._read, piece))

    def finish(self) -> str:
        """Return what was held back, for a text that ends as its author meant it to."""
        held = "".join(MARK[0] * part if isinstance(part, int) else part for part in self._begun)
        self._begun.clear()
        return held

    def _read(self, sign: str) -> str:
        """Take one character, and return what it lets be shown."""
        if sign == MARK[0]:
            self._bracket()
            return ""
        beginning = self._beginning()
        if not beginning or sign.lower() != MARK[len(beginning)]:
            return self.finish() + sign
        if len(beginning) + 1 == len(MARK):
            self._begun.pop()
            self.is_found = True
        else:
            self._begun[-1] = beginning + sign
        return ""

    def _bracket(self) -> None:
        row = self._begun[-1] if self._begun else ""
        if isinstance(row, int):
            self._begun[-1] = row + 1
        else:
            self._begun.append(1)

    def _beginning(self) -> str:
        """Return the innermost beginning, apart from brackets before it; empty if there is none."""
        row = self._begun[-1] if self._begun else ""
        if isinstance(row, str):
            return row
        if row < len(_BRACKETS):
            return ""
        before = row - len(_BRACKETS)
        self._begun[-1:] = [before, _BRACKETS] if before else [_BRACKETS]
        return _BRACKETS
