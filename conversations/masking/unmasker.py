"""A streamed text turned back: a placeholder may be cut anywhere, and never shows by half."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.masking.placeholders import PLACEHOLDER


class Unmasker:
    """Puts values back into a text that comes in pieces.

    It holds back nothing but what may yet become one of its own placeholders: a dozen letters
    after a bracket at the most.

    Args:
        values: By placeholder.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._prefixes = {name[:size] for name in values for size in range(1, len(name))}
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece, and return what can be shown by now."""
        text = self._held + piece
        bracket = text.rfind("[")
        is_held = bracket >= 0 and text[bracket:].upper() in self._prefixes
        shown, self._held = (text[:bracket], text[bracket:]) if is_held else (text, "")
        return PLACEHOLDER.sub(lambda match: self._values.get(match[0].upper(), match[0]), shown)

    def finish(self) -> str:
        """Return what was held back, for a text that ends as its author meant it to."""
        held, self._held = self._held, ""
        return held
