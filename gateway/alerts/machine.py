"""When an alert begins and ends: pure policy, with patience in both directions.

It begins once trouble has lasted without a break, and is over once calm has. In between nothing
is said again, however often anybody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Look(StrEnum):
    """How a subject looks at one moment."""

    BAD = "bad"
    GOOD = "good"
    UNSURE = "unsure"  # too little is known, or it is between the two: nothing changes


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something must last before it counts.

    Args:
        bad: Of trouble.
        good: Of calm.
    """

    bad: timedelta
    good: timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an alert stands.

    Args:
        is_firing: Whether people have been told of trouble that is not over.
        turning_since: Since when it has looked otherwise, without a break.
    """

    is_firing: bool = False
    turning_since: datetime | None = None


def step(standing: Standing, look: Look, now: datetime, patience: Patience) -> Standing:
    """Return where the alert stands after a look; people are told if ``is_firing`` has changed."""
    against = Look.GOOD if standing.is_firing else Look.BAD
    if look is not against:
        return Standing(standing.is_firing)
    since = now if standing.turning_since is None else min(standing.turning_since, now)
    wait = patience.good if standing.is_firing else patience.bad
    if now - since >= wait:
        return Standing(not standing.is_firing)
    return Standing(standing.is_firing, since)
