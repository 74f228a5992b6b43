"""Many small writes in one transaction: SQLite syncs the disk once for all that wait."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from django.db import transaction

R = TypeVar("R")

# Enough to make the sync cheap, and not so many that the first waits long for the last.
GROUP = 20


@dataclass(frozen=True, slots=True)
class _Write:
    """A command in its caller's context, and what becomes of it."""

    command: Callable[[], Any]
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    outcome: asyncio.Future[Any] = field(init=False)
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcome", self.loop.create_future())

    def run(self) -> Any:
        """Do it, whole or not at all."""
        with transaction.atomic():
            return self.context.run(self.command)

    def conclude(self, result: Callable[[], Any]) -> None:
        """Tell the caller, if it still waits."""
        if self.outcome.done():
            return
        try:
            self.outcome.set_result(result())
        except Exception as error:  # noqa: BLE001 - the caller's, whatever it is
            self.outcome.set_exception(error)


class GroupCommit:
    """Runs commands on one thread; those that wait while it is busy share a transaction.

    Each is a savepoint of it, so one that fails takes no other with it. If the transaction itself
    fails, each is done again alone. The thread is called once for a crowd, and calls back once for
    each transaction: a call between threads costs as much as a small write.

    Args:
        executor: Its one thread writes.
        tidy: Called on that thread after each group.
    """

    def __init__(self, executor: Executor, tidy: Callable[[], None]) -> None:
        self._executor = executor
        self._tidy = tidy
        self._lock = Lock()
        self._waiting: list[_Write] = []
        self._is_called = False
        self._after: list[asyncio.Future[None]] = []

    async def write(self, command: Callable[[], R]) -> R:
        """Return what a command returns, once it is committed.

        Raises:
            Exception: Whatever ``command`` raises; nothing of it is written then.
        """
        write = _Write(command)
        with self._lock:
            self._waiting.append(write)
            is_called, self._is_called = self._is_called, True
        if not is_called:
            self._executor.submit(self._flush)
        result: R = await write.outcome
        return result

    async def calm(self) -> None:
        """Wait until no write waits for the thread any more."""
        if self._waiting:
            done = asyncio.get_running_loop().create_future()
            self._after.append(done)
            await done

    def _flush(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
        try:
            self._commit([write for write in waiting if not write.outcome.cancelled()])
        finally:
            try:
                self._tidy()
            finally:
                self._go_on()

    def _go_on(self) -> None:
        with self._lock:
            self._is_called = bool(self._waiting)
            if self._is_called:  # behind what else the thread has been asked to do meanwhile
                self._executor.submit(self._flush)

    def _commit(self, group: list[_Write]) -> None:
        if len(group) > 1:
            try:
                with transaction.atomic():
                    results = [_attempt(write.run) for write in group]
            except Exception:  # noqa: BLE001, S110 - each of them meets it again, alone
                pass
            else:
                self._tell(group, results)
                return
        for write in group:
            self._tell([write], [_attempt(write.run)])

    def _tell(self, group: list[_Write], results: list[Callable[[], Any]]) -> None:
        """Wake the callers, each on its loop, once for all on the same."""
        for loop in {write.loop for write in group}:
            ended = [pair for pair in zip(group, results, strict=True) if pair[0].loop is loop]
            with suppress(RuntimeError):  # a loop that has closed has nobody left who waits
                loop.call_soon_threadsafe(self._conclude, ended)

    def _conclude(self, ended: list[tuple[_Write, Callable[[], Any]]]) -> None:
        for write, result in ended:
            write.conclude(result)
        if not self._waiting:
            after, self._after = self._after, []
            for done in after:
                if not done.done():
                    done.set_result(None)


def _attempt(run: Callable[[], R]) -> Callable[[], R]:
    """Run, and return what returns or raises the same again."""
    try:
        return partial(_return, run())
    except Exception as error:  # noqa: BLE001 - it is raised where the caller waits
        return partial(_raise, error)


def _return(result: R) -> R:
    return result


def _raise(error: Exception) -> Any:
    raise error
