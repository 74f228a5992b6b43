"""Calls and key changes written down in batches, off the hot path.

Taking a record costs an append. A writer saves what has piled up; while the database is away
records wait, up to a bound, and then the oldest are dropped and counted. No call ever waits
for the ledger, or fails because of it.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    transaction,
)
from django.utils import timezone

from gateway.audit import event_note
from gateway.db import db
from gateway.engine.telemetry import CallRecord, KeyChange
from gateway.figures.keeping import calls_count, dropped_count
from gateway.models import ApiKey, Call
from gateway.models.event import KeyDeed
from gateway.models.provider import KeyState
from gateway.stores.callrows import calls_insert

logger = logging.getLogger(__name__)

MAX_WAITING = 5000
# What a batch costs is mostly the same whatever its size, so it is worth a second's wait: a figure
# on the dashboard is that much older, and a killed process has forgotten that much more.
BATCH = 1000
GATHER_SECONDS = 1.0
RETRY_SECONDS = 2.0
CLOSE_SECONDS = 5.0

T = TypeVar("T")


class Ledger:
    """An observer of one gateway that keeps what it is told.

    Args:
        sleep: How to wait.
        max_waiting: Records kept in memory while they cannot be written.
    """

    def __init__(
        self,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self.dropped = 0
        self._told = 0
        self._sleep = sleep
        self._calls: deque[CallRecord] = deque()
        self._changes: deque[KeyChange] = deque()
        self._max_waiting = max_waiting
        self._news = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def call_ended(self, record: CallRecord) -> None:
        """Take the record of a call."""
        if len(self._calls) >= self._max_waiting:
            self._calls.popleft()
            self.dropped += 1
        self._calls.append(record)
        self._news.set()

    def key_changed(self, change: KeyChange) -> None:
        """Take note that a key will not serve again until a person acts."""
        logger.warning(
            "Key %s of %s is %s: %s.",
            change.key_label,
            change.provider,
            change.standing,
            change.reason,
        )
        self._changes.append(change)
        self._news.set()

    def start(self) -> None:
        """Begin to write."""
        self._writer = asyncio.create_task(
            self._write_for_ever(), name="ledger", context=contextvars.Context()
        )

    async def aclose(self) -> None:
        """Write what is left, and stop; what the database does not take now is lost."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait([self._writer])
            self._writer = None
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                while self._has_news:
                    await self._write()
        except (DatabaseError, TimeoutError) as fault:
            self.dropped += len(self._calls)
            self._calls.clear()
            logger.warning("%d calls were never written: %s.", self.dropped, type(fault).__name__)

    async def _write_for_ever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._has_news:
                if len(self._calls) < BATCH:
                    await self._sleep(GATHER_SECONDS)
                try:
                    await self._write()
                except DatabaseError as fault:
                    logger.warning("Calls wait to be written: %s.", type(fault).__name__)
                    await self._sleep(RETRY_SECONDS)

    @property
    def _has_news(self) -> bool:
        return bool(self._calls or self._changes) or self._told < self.dropped

    async def _write(self) -> None:
        """Write one batch; while the database is away it goes back to where it was."""
        calls = _take(self._calls)
        changes = _take(self._changes)
        try:
            self.dropped += await _written_most(calls, changes)
        except (OperationalError, InterfaceError, asyncio.CancelledError):
            self._changes.extendleft(reversed(changes))
            room = max(self._max_waiting - len(self._calls), 0)
            self.dropped += max(len(calls) - room, 0)
            self._calls.extendleft(reversed(calls[len(calls) - room :] if room else []))
            raise
        await self._tell_dropped()

    async def _tell_dropped(self) -> None:
        """Have the figures say how many calls they lack."""
        untold = self.dropped - self._told
        if untold:
            await db.write(dropped_count, untold, now=timezone.now())
            self._told += untold


async def _written_most(calls: Sequence[CallRecord], changes: Sequence[KeyChange]) -> int:
    """Write what can be written, and return how many calls never can be.

    Those would never get better, and all later ones would wait behind them. One that a database
    refuses takes no other along: halves are tried, and their halves, until it stands alone.

    Raises:
        DatabaseError: The database is away; trying again is safe.
    """
    try:
        await db.write(ledger_write, calls, changes)
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:
        halves = _halves(calls, changes)
        if not halves or isinstance(fault, ProgrammingError):  # that is the tables', not a record's
            logger.exception("%d calls could not be written and were dropped.", len(calls))
            return len(calls)
        return sum([await _written_most(*half) for half in halves])
    return 0


def _halves(
    calls: Sequence[CallRecord], changes: Sequence[KeyChange]
) -> list[tuple[Sequence[CallRecord], Sequence[KeyChange]]]:
    """Return a batch as two; nothing if it is a single record."""
    if calls and changes:
        return [(calls, ()), ((), changes)]
    if len(calls) > 1:
        middle = len(calls) // 2
        return [(calls[:middle], ()), (calls[middle:], ())]
    if len(changes) > 1:
        middle = len(changes) // 2
        return [((), changes[:middle]), ((), changes[middle:])]
    return []


def ledger_write(calls: Sequence[CallRecord], changes: Sequence[KeyChange]) -> None:
    """Write calls and key changes; safe to repeat, even while an earlier try goes on."""
    new = {record.id: record for record in calls}
    try:
        _write_once(list(new.values()), changes)
    except IntegrityError:
        # An earlier try has come through, though it was cancelled: what is written already must
        # count no second time. That is rare, so nobody looks before.
        _write_once(_unwritten(new), changes)


def _write_once(calls: Sequence[CallRecord], changes: Sequence[KeyChange]) -> None:
    with transaction.atomic():
        if calls:
            calls_insert(calls)
            calls_count(calls)
        for change in changes:
            _key_change(change)


def _key_change(change: KeyChange) -> None:
    # Unless a person has decided otherwise meanwhile.
    serving = ApiKey.objects.filter(pk=int(change.key_id), state=KeyState.ACTIVE)
    state = KeyState(change.standing.value)
    changed = serving.update(
        state=state, state_reason=change.reason, state_since=timezone.now(), state_by=None
    )
    if changed:
        key = ApiKey.objects.select_related("provider").get(pk=int(change.key_id))
        event_note(KeyDeed(state.value), provider=key.provider, key=key, reason=change.reason)


def _unwritten(calls: Mapping[str, CallRecord]) -> list[CallRecord]:
    by_id = {uuid.UUID(name): record for name, record in calls.items()}
    written = set(Call.objects.filter(pk__in=by_id).values_list("pk", flat=True))
    return [record for name, record in by_id.items() if name not in written]


def _take(waiting: deque[T]) -> list[T]:
    return [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
