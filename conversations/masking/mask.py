"""The placeholders of one conversation, and the values they stand for."""

from __future__ import annotations

from collections import Counter

from conversations.masking.finds import Find, finds
from conversations.masking.placeholders import PLACEHOLDER, Kind, placeholder
from conversations.masking.unmasker import Unmasker


class Mask:
    """Replaces the values in a conversation's texts, and puts them back.

    The same value has the same placeholder for as long as the mask lives; a value is what was
    typed, so ``+49 30 1`` and ``+49-30-1`` are two. One that is given the same texts in the same
    order makes the same placeholders: nothing need be kept to have them again.

    What looks like a placeholder is a value, too, and gets one. So every placeholder in a masked
    text is the mask's own, and ``unmask(mask(text)) == text`` whatever the text.
    """

    def __init__(self) -> None:
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: Counter[Kind] = Counter()
        self._public: set[str] = set()

    def publish(self, text: str) -> str:
        """Return a text that strangers may read; its values stay, here and wherever they recur.

        An assistant that is told the shop's telephone number must know it again.
        """
        found = finds(text)
        self._public.update(text[a:b] for a, b, kind in found if kind is not Kind.TEXT)
        return PLACEHOLDER.sub(lambda match: self._stand_in(Kind.TEXT, match[0]), text)

    def mask(self, text: str) -> str:
        """Return the text with a placeholder for each value that is not public."""
        masked = self._replace(text, self._private(text))
        while left := [find for find in self._private(masked) if find.kind is not Kind.TEXT]:
            # Where a value has gone, what stood beside it may look like one by itself.
            masked = self._replace(masked, left)
        return masked

    def unmask(self, text: str) -> str:
        """Return the text with the values back; a placeholder nobody made stays as it is."""
        return PLACEHOLDER.sub(lambda match: self._values.get(match[0].upper(), match[0]), text)

    @property
    def placeholders(self) -> frozenset[str]:
        """Every placeholder made so far."""
        return frozenset(self._values)

    def unmasker(self) -> Unmasker:
        """Return what puts the values back into a text that comes in pieces."""
        return Unmasker(self._values)

    def _private(self, text: str) -> list[Find]:
        return [find for find in finds(text) if text[find.start : find.end] not in self._public]

    def _replace(self, text: str, found: list[Find]) -> str:
        parts: list[str] = []
        end = 0
        for start, stop, kind in found:
            parts += text[end:start], self._stand_in(kind, text[start:stop])
            end = stop
        return "".join([*parts, text[end:]])

    def _stand_in(self, kind: Kind, value: str) -> str:
        known = self._placeholders.get((kind, value))
        if known is None:
            self._counts[kind] += 1
            known = placeholder(kind, self._counts[kind])
            self._placeholders[kind, value] = known
            self._values[known] = value
        return known
