"""When a key must be replaced: pure rules over dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

WARN_BEFORE: Final = timedelta(days=14)


class DueReason(StrEnum):
    """Who says so."""

    EXPIRES = "it expires"
    POLICY = "the provider's rule for rotation"


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a key, and who says so."""

    on: date
    reason: DueReason

    def is_near(self, today: date) -> bool:
        """Whether people must be warned by now."""
        return today >= self.on - WARN_BEFORE

    def is_over(self, today: date) -> bool:
        """Whether the day has passed."""
        return today > self.on


def due_date(added: date, rotate_every_days: int | None, expires_on: date | None) -> Due | None:
    """Return the earlier of the day a key expires and the day it gets too old, or None."""
    days = []
    if expires_on is not None:
        days.append(Due(expires_on, DueReason.EXPIRES))
    if rotate_every_days is not None:
        days.append(Due(added + timedelta(days=rotate_every_days), DueReason.POLICY))
    return min(days, key=lambda due: due.on, default=None)
