"""What the engine tells about itself: one record for each call, to whoever hooks in.

The engine logs and counts nothing. A hook is called in the event loop and must only take the
record away; one that raises is dropped for that record, never the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from gateway.engine.config import KeyStanding, Price
from gateway.engine.types import Priority, Target, Usage


class Outcome(StrEnum):
    """How a call ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One request to a provider.

    Args:
        wait_seconds: Slept, or stood in line, before it.
        error_code: Empty if it began to answer.
    """

    target: Target
    key_label: str
    wait_seconds: float
    took_seconds: float
    status: int | None
    error_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call from beginning to end; it holds no secret and no word of anybody's.

    Args:
        id: The idempotency key that all attempts carried.
        started_at: Seconds since the epoch.
        error_code: Empty on success.
        queue_seconds: Spent in lines and back-off before the first token.
        first_token_seconds: From the beginning of the call.
        spent: What budgets count: the usage or, failing that, an estimate; None if no provider
            can charge for the call.
        spent_cost: None if the price is unknown, or as above.
        cost: None if the price or the usage is unknown.
        currency: Of both costs.
        is_cached: Answered from memory.
        is_shared: Answered by an identical call that was already under way.
    """

    id: str
    started_at: float
    outcome: Outcome
    error_code: str
    status: int | None
    target: Target | None
    key_label: str
    attempts: tuple[AttemptRecord, ...]
    queue_seconds: float
    first_token_seconds: float | None
    total_seconds: float
    usage: Usage | None
    spent: Usage | None
    spent_cost: Decimal | None
    cost: Decimal | None
    currency: str
    is_cached: bool
    is_shared: bool
    priority: Priority
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """A key changed for good: its quota is spent, or it was refused too often."""

    provider: str
    key_id: str
    key_label: str
    standing: KeyStanding
    reason: str


class Observer(Protocol):
    """Somebody who wants to know."""

    def call_ended(self, record: CallRecord) -> None:
        """Take the record of a call that has just ended."""
        ...

    def key_changed(self, change: KeyChange) -> None:
        """Take note that a key will not serve again until a person acts."""
        ...


class Observers:
    """All of them, none of whom can harm a call."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = tuple(observers)

    def call_ended(self, record: CallRecord) -> None:
        """Tell everybody that a call ended."""
        for observer in self._observers:
            with suppress(Exception):
                observer.call_ended(record)

    def key_changed(self, change: KeyChange) -> None:
        """Tell everybody that a key changed for good."""
        for observer in self._observers:
            with suppress(Exception):
                observer.key_changed(change)


def cost_of(usage: Usage | None, price: Price | None) -> Decimal | None:
    """Return what a call cost, or None if that is not known."""
    if usage is None or price is None:
        return None
    prompt = usage.prompt_tokens * price.prompt_per_million
    completion = usage.completion_tokens * price.completion_per_million
    return (prompt + completion) / 1_000_000
