"""The story of one call while it is being lived; at the end it becomes a ``CallRecord``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from decimal import Decimal
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from gateway.engine.config import Price
from gateway.engine.errors import GatewayError
from gateway.engine.estimate import BYTES_PER_TOKEN, prompt_tokens
from gateway.engine.telemetry import AttemptRecord, CallRecord, Outcome, cost_of
from gateway.engine.types import (
    ChatRequest,
    Chunk,
    Finished,
    Priority,
    Started,
    Target,
    TextDelta,
    Usage,
)

# How long a line of a batch may wait for its turn, before its own deadline even begins.
BATCH_PATIENCE_SECONDS: Final = 3600.0


class Call:
    """One call: its identity, its deadline and what has happened so far.

    Args:
        request: What was asked.
        is_cached: Whether it is answered from memory.
        is_shared: Whether it is answered by a call of somebody else.
    """

    def __init__(
        self, request: ChatRequest, *, is_cached: bool = False, is_shared: bool = False
    ) -> None:
        self.request = request
        self._is_batch = request.priority is Priority.BATCH
        self.id = uuid4().hex
        self._clock = asyncio.get_running_loop().time
        self.began = self._clock()
        seconds = BATCH_PATIENCE_SECONDS if self._is_batch else request.deadline_seconds
        self.deadline = self.began + seconds
        self.target: Target | None = None
        self.key_label = ""
        self.price: Price | None = None
        self.is_cached = is_cached
        self.is_shared = is_shared
        self.usage: Usage | None = None
        self._wall_began = time.time()
        self._outcome = Outcome.CANCELLED
        self._may_be_charged = False
        self._error: GatewayError | None = None
        self._attempts: list[AttemptRecord] = []
        self._attempt_began = self.began
        self._timer = asyncio.timeout_at(self.deadline)
        self._heard_bytes = 0
        self._waited = 0.0
        self._waiting_since = self.began
        self._first_token: float | None = None

    @property
    def attempts(self) -> int:
        """How many requests were sent."""
        return len(self._attempts)

    @property
    def seconds_left(self) -> float:
        """Until the deadline."""
        return self.deadline - self._clock()

    @property
    def first_words_timer(self) -> asyncio.Timeout:
        """What stops the wait for the first words at the deadline, wherever that moves."""
        return self._timer

    def attempt_begins(self) -> None:
        """Note that the waiting is over and a request goes out."""
        self._attempt_began = self._clock()
        self._may_be_charged = True
        if self._is_batch and not self._attempts:
            # A line of a batch may wait long for its turn; its own time begins now.
            self.deadline = self._attempt_began + self.request.deadline_seconds
            self._timer.reschedule(self.deadline)

    def attempt_failed(self, target: Target, key_label: str, error: GatewayError) -> None:
        """Note that a request ended without a word of an answer."""
        self._may_be_charged = False
        self._attempt_ends(target, key_label, error.status, error.code)

    def started(self, target: Target, key_label: str, price: Price | None) -> None:
        """Note that the first words are here."""
        self._attempt_ends(target, key_label, HTTPStatus.OK, "")
        self.target, self.key_label, self.price = target, key_label, price
        self._first_token = self._clock() - self.began

    def heard(self, batch: Sequence[TextDelta | Finished]) -> None:
        """Note pieces of the answer: its end, and its length in case nobody counts tokens."""
        for chunk in batch:
            if isinstance(chunk, TextDelta):
                self._heard_bytes += len(chunk.text.encode())
            else:
                self._outcome = Outcome.SUCCEEDED
                self.usage = chunk.usage

    def reused(self, batch: Sequence[Chunk]) -> None:
        """Note pieces of an answer that needed no call."""
        if self.target is None and batch and isinstance(batch[0], Started):
            self.target, self.key_label = batch[0].target, batch[0].key_label
            self._first_token = self._clock() - self.began
        if batch and isinstance(batch[-1], Finished):
            self._outcome = Outcome.SUCCEEDED

    @property
    def spent(self) -> Usage:
        """What the answer took, counted by the provider or, failing that, estimated."""
        if self.usage is not None:
            return self.usage
        return Usage(prompt_tokens(self.request), self._heard_bytes // BYTES_PER_TOKEN)

    @property
    def spent_cost(self) -> Decimal | None:
        """What that costs; None if the price is not known."""
        return cost_of(self.spent, self.price)

    @property
    def cost(self) -> Decimal | None:
        """What the call cost; None if that is not known."""
        if self.is_cached or self.is_shared:
            return Decimal(0)
        return cost_of(self.usage, self.price)

    def failed(self, error: GatewayError) -> None:
        """Note that the call failed."""
        self._outcome = Outcome.FAILED
        self._error = error

    def _attempt_ends(
        self, target: Target, key_label: str, status: int | None, error_code: str
    ) -> None:
        now = self._clock()
        waited = self._attempt_began - self._waiting_since
        self._waited += waited
        self._waiting_since = now
        self._attempts.append(
            AttemptRecord(
                target=target,
                key_label=key_label,
                wait_seconds=waited,
                took_seconds=now - self._attempt_began,
                status=status,
                error_code=error_code,
            )
        )

    def record(self) -> CallRecord:
        """Return the whole story."""
        last = self._attempts[-1] if self._attempts else None
        return CallRecord(
            id=self.id,
            started_at=self._wall_began,
            outcome=self._outcome,
            error_code=self._error.code if self._error else "",
            status=self._error.status if self._error else (last.status if last else None),
            target=self.target or (last.target if last else None),
            key_label=self.key_label or (last.key_label if last else ""),
            attempts=tuple(self._attempts),
            queue_seconds=self._waited,
            first_token_seconds=self._first_token,
            total_seconds=self._clock() - self.began,
            usage=self.usage,
            spent=self.spent if self._may_be_charged else None,
            spent_cost=self.spent_cost if self._may_be_charged else None,
            cost=self.cost,
            currency=self.price.currency if self.price else "",
            is_cached=self.is_cached,
            is_shared=self.is_shared,
            priority=self.request.priority,
            labels=self.request.labels,
        )
