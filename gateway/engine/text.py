"""Mending of streamed text: halves of characters, and thoughts that are not for customers."""

from __future__ import annotations

import re
from typing import Final

_UNSAYABLE: Final = re.compile("[\x00\ud800-\udfff]")
_OPENING: Final = "<think>"
_CLOSING: Final = "</think>"


class TextMender:
    r"""Joins surrogate halves that were sent apart, and replaces what no database can keep.

    JSON may carry half a character (``\ud83d``) in one chunk and the other half in the next. A
    half that stays alone, and NUL (PostgreSQL refuses it), become U+FFFD.
    """

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """Return the text that can be shown now; it never ends in half a character."""
        if self._half:
            text, self._half = self._half + text, ""
        if _UNSAYABLE.search(text) is None:
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole.replace("\x00", "\ufffd")

    def end(self) -> str:
        """Return what must be said about a half whose other half never came."""
        half, self._half = self._half, ""
        return "\ufffd" if half else ""


class ThinkingFilter:
    """Drops a ``<think>`` block at the very start of an answer, however it is cut."""

    def __init__(self) -> None:
        self._held = ""
        self._state = self._before

    def feed(self, text: str) -> str:
        """Return the part of the text that is meant for the reader."""
        return self._state(text)

    def end(self) -> str:
        """Return what was held back because it might have become a thought."""
        held, self._held = self._held, ""
        return held if self._state == self._before else ""

    def _before(self, text: str) -> str:
        self._held += text
        start = self._held.lstrip()
        if start.startswith(_OPENING):
            self._state, self._held = self._within, ""
            return self._within(start.removeprefix(_OPENING))
        if _OPENING.startswith(start):
            return ""
        self._state = self._after
        held, self._held = self._held, ""
        return held

    def _within(self, text: str) -> str:
        self._held += text
        _, closing, rest = self._held.partition(_CLOSING)
        if not closing:
            self._held = self._held[-len(_CLOSING) :]
            return ""
        self._state, self._held = self._after_thought, ""
        return self._after_thought(rest)

    def _after_thought(self, text: str) -> str:
        text = text.lstrip()
        if text:
            self._state = self._after
        return text

    @staticmethod
    def _after(text: str) -> str:
        return text
