"""Pace learned from a provider's ``x-ratelimit-*`` headers: slow down before being told to.

The headers say how many requests (and tokens) remain until a window resets. While plenty remain
nothing is held back; once less than a fifth does, calls are spread over what is left of the window;
with none left the key rests until the reset.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

SCARCE_SHARE: Final = 0.2
_MAX_RESET_SECONDS: Final = 3600.0
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


class Pace:
    """When one key may be used again, as far as the provider's headers tell."""

    __slots__ = ("_interval", "_not_before", "_remaining", "_resets_at")

    def __init__(self) -> None:
        self._remaining: float | None = None
        self._resets_at = 0.0
        self._interval = 0.0
        self._not_before = 0.0

    def ready_at(self, now: float) -> float:
        """Return the earliest time for the next call, ``now`` at the earliest."""
        at = self._not_before
        if self._remaining is not None and self._remaining < 1 and now < self._resets_at:
            at = max(at, self._resets_at)
        return max(now, at)

    def spend(self, now: float) -> None:
        """Note one call."""
        if self._remaining is not None:
            self._remaining -= 1
        if now < self._resets_at and self._interval:
            self._not_before = max(now, self._not_before) + self._interval

    def rest(self, until: float) -> None:
        """Hold the key back until a time, whatever the headers said."""
        self._not_before = max(self._not_before, until)

    def learn(self, headers: Mapping[str, str], streams: int, now: float) -> None:
        """Take the headers of an answer.

        Args:
            headers: With lower-case names, or case-insensitive.
            streams: Calls under way with this key, which the provider may not have counted yet.
            now: On the caller's clock.
        """
        remaining = _number(headers.get("x-ratelimit-remaining-requests"))
        limit = _number(headers.get("x-ratelimit-limit-requests"))
        reset = duration_seconds(headers.get("x-ratelimit-reset-requests"))
        tokens_left = _number(headers.get("x-ratelimit-remaining-tokens"))
        if tokens_left == 0:
            # No answer fits any more, however many requests would be allowed.
            remaining, reset = 0.0, duration_seconds(headers.get("x-ratelimit-reset-tokens"))
        if remaining is None or reset is None:
            return
        self._remaining = max(0.0, remaining - max(streams - 1, 0)) if remaining else 0.0
        self._resets_at = now + min(reset, _MAX_RESET_SECONDS)
        is_scarce = limit is not None and limit > 0 and remaining < limit * SCARCE_SHARE
        self._interval = reset / remaining if is_scarce and remaining >= 1 else 0.0


def duration_seconds(value: str | None) -> float | None:
    """Return the seconds in ``6m0s``, ``120ms``, ``1.5`` and their like, or None."""
    if not value:
        return None
    plain = _number(value)
    if plain is not None:
        return plain
    parts = _DURATION.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
