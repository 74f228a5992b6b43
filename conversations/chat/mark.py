"""The mark by which the assistant itself offers the way to a person, taken out of its words. Pure.

A template that says "end your answer with [[team]] when ..." lets the model offer it. A mark is
one line of plain text that any model of any provider can write, streamed or not; tools would
need a second call, and not every provider has them.
"""

from __future__ import annotations

import re

MARK = "[[team]]"
_MARK = re.compile(re.escape(MARK), re.IGNORECASE)


def has_mark(text: str) -> bool:
    """Return whether a text speaks of the mark."""
    return _MARK.search(text) is not None


class MarkFilter:
    """Takes the mark out of a text that comes in pieces; no part of it ever shows.

    It holds back nothing but what may yet become the mark: seven characters at the most, and as
    many more for each mark that was begun within another. Where one within is taken out, what
    stood around it is the mark again, and goes as well.

    Args:
        is_on: Whether the template speaks of the mark; if not, the text stays as it is.

    Attributes:
        is_found: Whether the mark has come.
    """

    def __init__(self, *, is_on: bool) -> None:
        self.is_found = False
        self._is_on = is_on
        # The beginnings that are held back, the innermost last.
        self._begun: list[str] = []

    def feed(self, piece: str) -> str:
        """Take the next piece, and return what can be shown by now."""
        if not self._is_on or (MARK[0] not in piece and not self._begun):
            return piece
        return "".join(map(self._read, piece))

    def finish(self) -> str:
        """Return what was held back, for a text that ends as its author meant it to."""
        held = "".join(self._begun)
        self._begun.clear()
        return held

    def _read(self, sign: str) -> str:
        """Take one character, and return what it lets be shown."""
        inner = self._begun[-1] if self._begun else ""
        if sign.lower() == MARK[len(inner)]:
            self._begun[-1:] = [inner + sign]
        elif sign == MARK[0]:
            self._begin(sign)
        else:
            return self.finish() + sign
        if len(self._begun[-1]) == len(MARK):
            self._begun.pop()
            self.is_found = True
        return ""

    def _begin(self, bracket: str) -> None:
        """Begin within what was begun; of many brackets the last two are the next beginning."""
        at = len(self._begun)
        while at and self._begun[at - 1] == MARK[:2]:
            at -= 1
        if at and self._begun[at - 1] == bracket:
            self._begun[at - 1] += bracket
        else:
            self._begun.insert(at, bracket)
