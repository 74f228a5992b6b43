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

    It holds back nothing but what may yet become the mark: seven characters at the most.

    Args:
        is_on: Whether the template speaks of the mark; if not, the text stays as it is.

    Attributes:
        is_found: Whether the mark has come.
    """

    def __init__(self, *, is_on: bool) -> None:
        self.is_found = False
        self._is_on = is_on
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece, and return what can be shown by now."""
        if not self._is_on:
            return piece
        text = self._held + piece
        if MARK[0] not in text:
            self._held = ""
            return text
        text, count = _MARK.subn("", text)
        self.is_found = self.is_found or count > 0
        size = next(size for size in range(len(MARK) - 1, -1, -1) if _may_begin(text, size))
        shown, self._held = text[: len(text) - size], text[len(text) - size :]
        return shown

    def finish(self) -> str:
        """Return what was held back, for a text that ends as its author meant it to."""
        held, self._held = self._held, ""
        return held


def _may_begin(text: str, size: int) -> bool:
    """Whether the last characters are the mark's first ones."""
    return len(text) >= size and text[len(text) - size :].lower() == MARK[:size]
