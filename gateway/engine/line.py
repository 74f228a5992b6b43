"""A line of callers: the lower number goes first, equals in the order they came.

Whoever is first tries, and tries again when the time it was told has come or something changed;
the others sleep. One change wakes one caller, however long the line is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TypeVar

T = TypeVar("T")


class Later:
    """Not now; perhaps at a time of the event loop's clock, or None: when something changes."""

    __slots__ = ("at",)

    def __init__(self, at: float | None = None) -> None:
        self.at = at


@dataclass(slots=True, order=True)
class _Ticket:
    priority: int
    number: int
    bell: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


class Line:
    """Callers that wait for one thing."""

    def __init__(self) -> None:
        self._tickets: list[_Ticket] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._tickets)

    def changed(self) -> None:
        """Let the first in line try again now."""
        if self._tickets:
            self._tickets[0].bell.set()

    async def join(self, priority: int, attempt: Callable[[], Awaitable[T | Later]]) -> T:
        """Return what ``attempt`` returns as soon as it is this caller's turn and not ``Later``.

        Args:
            priority: The lower number goes first.
            attempt: Raises when waiting has become hopeless.
        """
        if not self._tickets:
            outcome = await attempt()
            if not isinstance(outcome, Later):
                return outcome
        ticket = _Ticket(priority, next(self._numbers))
        heappush(self._tickets, ticket)
        try:
            while True:
                later = None
                if self._tickets[0] is ticket:
                    ticket.bell.clear()
                    outcome = await attempt()
                    if not isinstance(outcome, Later):
                        return outcome
                    later = outcome.at
                await _heard(ticket.bell, later)
        finally:
            self._leave(ticket)

    def _leave(self, ticket: _Ticket) -> None:
        if self._tickets[0] is ticket:
            heappop(self._tickets)
        else:
            self._tickets.remove(ticket)
            heapify(self._tickets)
        self.changed()


async def _heard(bell: asyncio.Event, until: float | None) -> None:
    try:
        async with asyncio.timeout_at(until):
            await bell.wait()
    except TimeoutError:
        return
