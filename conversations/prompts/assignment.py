"""Which conversation of a split test gets which version: a draw that comes out the same always."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

PLACES: Final = 10_000


def is_challenged(split: int, conversation: UUID, percent: int) -> bool:
    """Return whether this conversation is among the challenger's share.

    The draw is made of both ids: it is the same in every process and after any restart, and
    another test draws anew.
    """
    digest = sha256(f"{split}:{conversation.hex}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % PLACES < percent * PLACES // 100


@dataclass(frozen=True, slots=True)
class Choice:
    """Which versions of a template new conversations begin with, each by its id.

    Without a test under way the last three are None.
    """

    live: int
    split: int | None = None
    challenger: int | None = None
    percent: int | None = None

    def draw(self, conversation: UUID) -> int:
        """Return the version for one of them."""
        if self.split is None or self.challenger is None or self.percent is None:
            return self.live
        return (
            self.challenger if is_challenged(self.split, conversation, self.percent) else self.live
        )
