"""The story of one call while it is being lived; at the end it becomes a ``CallRecord``."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from uuid import uuid4

from gateway.engine.config import Price
from gateway.engine.errors import GatewayError
from gateway.engine.telemetry import AttemptRecord, CallRecord, Outcome, cost_of
from gateway.engine.types import ChatRequest, Finished, Target, Usage


class Call:
    """One call: its identity, its deadline and what has happened so far.

    Args:
        request: What was asked.
    """

    def __init__(self, request: ChatRequest) -> None:
        self.request = request
        self.id = uuid4().hex
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self.deadline = self._began + request.deadline_seconds
        self.target: Target | None = None
        self.key_label = ""
        self.price: Price | None = None
        self.is_cached = False
        self.is_shared = False
        self.usage: Usage | None = None
        self._wall_began = time.time()
        self._outcome = Outcome.CANCELLED
        self._error: GatewayError | None = None
        self._attempts: list[AttemptRecord] = []
        self._attempt_began = self._began
        self._waited = 0.0
        self._waiting_since = self._began
        self._first_token: float | None = None

    @property
    def attempts(self) -> int:
        """How many requests were sent."""
        return len(self._attempts)

    @property
    def seconds_left(self) -> float:
        """Until the deadline."""
        return self.deadline - self._clock()

    def attempt_begins(self) -> None:
        """Note that the waiting is over and a request goes out."""
        self._attempt_began = self._clock()

    def attempt_failed(self, target: Target, key_label: str, error: GatewayError) -> None:
        """Note that a request ended without a word of an answer."""
        self._attempt_ends(target, key_label, error.status, error.code)

    def started(self, target: Target, key_label: str, price: Price | None) -> None:
        """Note that the first words are here."""
        self._attempt_ends(target, key_label, HTTPStatus.OK, "")
        self.target, self.key_label, self.price = target, key_label, price
        self._first_token = self._clock() - self._began

    def finished(self, finished: Finished) -> None:
        """Note that the answer is complete."""
        self._outcome = Outcome.SUCCEEDED
        self.usage = finished.usage

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
        cost = cost_of(self.usage, self.price)
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
            total_seconds=self._clock() - self._began,
            usage=self.usage,
            cost=cost,
            currency=self.price.currency if self.price and cost is not None else "",
            is_cached=self.is_cached,
            is_shared=self.is_shared,
            priority=self.request.priority,
            labels=self.request.labels,
        )
