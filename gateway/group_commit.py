"""Many small writes in one transaction: SQLite syncs the disk once for all that wait."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Executor, Future
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
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    outcome: Future[Any] = field(default_factory=Future)

    def run(self) -> Any:
        """Do it, whole or not at all."""
        with transaction.atomic():
            return self.context.run(self.command)

    def conclude(self, result: Callable[[], Any]) -> None:
        """Tell the caller."""
        try:
            self.outcome.set_result(result())
        except Exception as error:  # noqa: BLE001 - the caller's, whatever it is
            self.outcome.set_exception(error)


class GroupCommit:
    """Runs commands on one thread; those that wait while it is busy share a transaction.

    Each is a savepoint of it, so one that fails takes no other with it. If the transaction itself
    fails, each is done again alone.

    Args:
        executor: Its one thread writes.
        tidy: Called on that thread after each group.
    """

    def __init__(self, executor: Executor, tidy: Callable[[], None]) -> None:
        self._executor = executor
        self._tidy = tidy
        self._lock = Lock()
        self._waiting: list[_Write] = []

    async def write(self, command: Callable[[], R]) -> R:
        """Return what a command returns, once it is committed.

        Raises:
            Exception: Whatever ``command`` raises; nothing of it is written then.
        """
        write = _Write(command)
        with self._lock:
            self._waiting.append(write)
        self._executor.submit(self._flush)
        result: R = await asyncio.wrap_future(write.outcome)
        return result

    def _flush(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
        group = [write for write in waiting if write.outcome.set_running_or_notify_cancel()]
        try:
            if len(group) > 1 and self._commit_together(group):
                return
            for write in group:
                write.conclude(write.run)
        finally:
            self._tidy()

    @staticmethod
    def _commit_together(group: list[_Write]) -> bool:
        try:
            with transaction.atomic():
                results = [_attempt(write.run) for write in group]
        except Exception:  # noqa: BLE001 - each of them meets it again, alone
            return False
        for write, result in zip(group, results, strict=True):
            write.conclude(result)
        return True


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
