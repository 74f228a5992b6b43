"""THE retry rule: errors and what is left of the budgets in, a decision out.

A call may be repeated with the same key only after a passing fault (``error.retryable``), at most
``attempts - 1`` times, waiting ``random · min(first_wait · 2^n, cap)`` seconds in between (full
jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/). A fault
of the key (``error.benches_key``) moves to the next key at once and eats none of those attempts;
the ring bounds how often. What a provider asks for in Retry-After is obeyed or, if it does not fit
into the deadline, ends the call. Nothing here knows what happened after the first chunk: by then
nobody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final, TypeAlias

from gateway.engine.errors import GatewayError

MAX_RETRY_AFTER_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How stubborn a call is.

    Args:
        attempts: With one key, the first included.
        first_wait_seconds: The bound of the first wait; it doubles with each retry.
        max_wait_seconds: The bound's own bound.
    """

    attempts: int = 3
    first_wait_seconds: float = 0.5
    max_wait_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class TrySameKey:
    """Wait, then try again as before."""

    wait_seconds: float


@dataclass(frozen=True, slots=True)
class TryNextKey:
    """Ask the ring for another key, at once."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """This target has had its chance."""


Decision: TypeAlias = TrySameKey | TryNextKey | GiveUp


class RetryBudget:
    """Keeps the retries of a whole process within a share of its calls.

    When an upstream is wholly down, retries would multiply the load that keeps it down. Each
    call deposits a share of a retry, each retry takes a whole one.

    Args:
        share: Retries allowed for each call.
        reserve: The most that is ever saved up, so that an outage after a good day is no worse:
            in any stretch of time retries stay within ``share · calls + reserve``.
    """

    def __init__(self, share: float = 0.2, reserve: float = 3.0) -> None:
        self._share = share
        self._reserve = reserve
        self._tokens = reserve

    def deposit(self) -> None:
        """Note one more call."""
        self._tokens = min(self._tokens + self._share, self._reserve)

    def withdraw(self) -> bool:
        """Take one retry, or say that there is none."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Retries:
    """The state of one call at one target.

    Args:
        policy: How stubborn to be.
        budget: The process's.
        rand: A number from 0 up to 1.
    """

    def __init__(self, policy: RetryPolicy, budget: RetryBudget, rand: Callable[[], float]) -> None:
        self._policy = policy
        self._budget = budget
        self._rand = rand
        self._same_key = 0
        self._rotations = 0

    def decide(self, error: GatewayError, seconds_left: float, key_count: int) -> Decision:
        """Say what to do about an error that came before the first chunk.

        Args:
            error: What the attempt ended with.
            seconds_left: Until the call's deadline.
            key_count: How many keys the target's provider has.
        """
        if error.benches_key:
            self._rotations += 1
            is_enough = self._rotations > max(key_count, self._policy.attempts - 1)
            return GiveUp() if is_enough else TryNextKey()
        if not error.retryable or self._same_key >= self._policy.attempts - 1:
            return GiveUp()
        wait = error.retry_after
        if wait is None:
            wait = self._rand() * backoff_bound_seconds(self._policy, self._same_key)
        if wait >= seconds_left or not self._budget.withdraw():
            return GiveUp()
        self._same_key += 1
        return TrySameKey(wait)


def backoff_bound_seconds(policy: RetryPolicy, retries_so_far: int) -> float:
    """Return the longest wait before the next retry: ``min(first · 2^n, cap)``."""
    return min(policy.first_wait_seconds * 2.0**retries_so_far, policy.max_wait_seconds)


def retry_after_seconds(headers: Mapping[str, str], *, wall_time: float) -> float | None:
    """Return how long a provider asks us to stay away, or None if it does not say.

    ``retry-after-ms`` goes before ``retry-after`` (RFC 9110, section 10.2.3: seconds or a date).
    A time in the past is 0; nonsense, a negative number included, counts as not said; what is
    longer than a day is a day.

    Args:
        headers: With lower-case names, or case-insensitive.
        wall_time: Seconds since the epoch.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return min(milliseconds / 1000, MAX_RETRY_AFTER_SECONDS)
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is None and value is not None:
        seconds = _seconds_until(value, wall_time)
    return None if seconds is None else min(seconds, MAX_RETRY_AFTER_SECONDS)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if isfinite(number) and number >= 0 else None


def _seconds_until(date: str, wall_time: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - wall_time)
    except (ValueError, OverflowError):
        return None
