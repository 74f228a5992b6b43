"""Periodic jobs without a scheduler to install: whichever process is up runs what is due.

A job is a row with the time it is due. A process that moves this time on, by one conditional
UPDATE, has claimed the run; all others see zero rows changed. A process that dies in a run
loses that run alone: the job comes up again a period later, so every job must be safe to
repeat, and to overlap with itself if it can take longer than its period.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from django.utils import timezone

from gateway.db import db
from gateway.models import Job
from gateway.processes import process_leave

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
STOP_SECONDS = 10.0

Work: TypeAlias = Callable[[], object] | Callable[[], Awaitable[object]]
W = TypeVar("W", bound=Work)


@dataclass(frozen=True, slots=True)
class Chore:
    """What is to be done, and how often.

    Args:
        name: The name of its row, as in ``gateway.beat``.
        every_seconds: The period.
        work: A plain function, run by ``db.write``, or an async one.
        is_everywhere: Every process does it for itself, nobody claims it.
    """

    name: str
    every_seconds: float
    work: Work
    is_everywhere: bool = False


_chores: dict[str, Chore] = {}


def job(*, name: str, every_seconds: float, everywhere: bool = False) -> Callable[[W], W]:
    """Have a function run periodically; put it into your app's ``jobs.py``, which is found.

    Args:
        name: Unique among all apps.
        every_seconds: The period.
        everywhere: Run in each process, not once for all of them.
    """

    def register(work: W) -> W:
        known = _chores.get(name)
        if known and known.work.__qualname__ != work.__qualname__:
            raise ValueError(f"Two jobs are called {name}.")
        _chores[name] = Chore(name, every_seconds, work, everywhere)
        return work

    return register


class Housekeeping:
    """Runs the jobs that are due, for as long as the process lives.

    Args:
        chores: What to do; everything registered with ``job`` by default.
        now: The clock.
        sleep: How to wait.
        jitter: Returns 0 to 1, so that processes do not all look at the same moment.
    """

    def __init__(
        self,
        chores: Iterable[Chore] | None = None,
        *,
        now: Callable[[], datetime] = timezone.now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._chores = {chore.name: chore for chore in chores or _chores.values()}
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._due_here: dict[str, datetime] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._is_failing = False

    async def start(self) -> None:
        """Begin to look for due jobs, now and from now on."""
        if self._loop is None:
            self._loop = _spawn(self._poll_for_ever(), "housekeeping")

    async def stop(self) -> None:
        """Take no more jobs, give those that run some seconds to end, and leave the list."""
        if self._loop is None:
            return
        self._loop.cancel()
        await asyncio.wait([self._loop])
        self._loop = None
        running = list(self._running.values())
        if running:
            _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
        with suppress(Exception):  # a database that is away sees the silence later
            await db.write(process_leave)

    async def run_due(self) -> tuple[str, ...]:
        """Run every job that is due and that no other process claims; return their names."""
        started = await self._start_due()
        tasks = [self._running[name] for name in started if name in self._running]
        if tasks:
            await asyncio.wait(tasks)
        return started

    async def _poll_for_ever(self) -> None:
        while True:
            try:
                await self._start_due()
                self._is_failing = False
            except Exception:
                # A database that is away is news once, not every second.
                if not self._is_failing:
                    logger.exception("Housekeeping cannot look for due jobs; it keeps trying.")
                self._is_failing = True
            await self._sleep(POLL_SECONDS * (0.5 + self._jitter()))

    async def _start_due(self) -> tuple[str, ...]:
        now = self._now()
        idle = [chore for chore in self._chores.values() if chore.name not in self._running]
        mine = [chore for chore in idle if chore.is_everywhere and self._claim_here(chore, now)]
        shared = [chore for chore in idle if not chore.is_everywhere]
        if shared:
            is_due = await db(jobs_due, shared, now=now)
            mine += await db.write(jobs_claim, shared, now=now) if is_due else []
        for chore in mine:
            self._running[chore.name] = _spawn(self._run(chore), chore.name)
        return tuple(chore.name for chore in mine)

    def _claim_here(self, chore: Chore, now: datetime) -> bool:
        if self._due_here.get(chore.name, now) > now:
            return False
        self._due_here[chore.name] = now + timedelta(seconds=chore.every_seconds)
        return True

    async def _run(self, chore: Chore) -> None:
        started_at, started = self._now(), time.monotonic()
        try:
            error = await self._work(chore)
            took_ms = round((time.monotonic() - started) * 1000)
            if not chore.is_everywhere:
                await self._note(chore, started_at, took_ms, error)
        finally:
            del self._running[chore.name]

    async def _work(self, chore: Chore) -> str:
        """Do the work; return the name of the error it ended with, if it did."""
        try:
            if inspect.iscoroutinefunction(chore.work):
                await chore.work()
            else:
                await db.write(chore.work)
        except Exception as fault:
            logger.exception("The job %s failed.", chore.name)
            return type(fault).__name__  # its text may hold what a database complained about
        return ""

    async def _note(self, chore: Chore, started_at: datetime, took_ms: int, error: str) -> None:
        try:
            await db.write(
                job_note, chore.name, started_at=started_at, took_ms=took_ms, error=error
            )
        except Exception:
            logger.exception("What became of the job %s could not be noted.", chore.name)


def jobs_due(chores: Iterable[Chore], *, now: datetime) -> bool:
    """Return whether any of these jobs is due, or has no row yet."""
    names = {chore.name for chore in chores}
    waiting = Job.objects.filter(name__in=names, due_at__gt=now).count()
    return waiting < len(names)


def jobs_claim(chores: Iterable[Chore], *, now: datetime) -> list[Chore]:
    """Claim the due runs of these jobs, and return those that are ours now."""
    chores = list(chores)
    rows = [Job(name=chore.name, due_at=now) for chore in chores]
    Job.objects.bulk_create(rows, ignore_conflicts=True)
    return [chore for chore in chores if _claim(chore, now)]


def job_note(name: str, *, started_at: datetime, took_ms: int, error: str) -> None:
    """Keep how a run went."""
    Job.objects.filter(name=name).update(
        last_run_at=started_at, last_took_ms=took_ms, last_error=error[:200]
    )


def _claim(chore: Chore, now: datetime) -> bool:
    due_again = now + timedelta(seconds=chore.every_seconds)
    due = Job.objects.filter(name=chore.name, due_at__lte=now)
    return due.update(due_at=due_again) == 1


def _spawn(work: Awaitable[None], name: str) -> asyncio.Task[None]:
    # In a context of its own: what the caller had set is none of the job's business.
    async def run() -> None:
        await work

    return asyncio.create_task(run(), name=name, context=contextvars.Context())
