"""The way to the database from asyncio: ``db()`` reads, ``db.write()`` and ``db.commit()`` write.

Channels would put all websocket ORM work on one thread, and bare async ORM calls leak pool
slots; this door is used wherever code does not already run in a request's own thread.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connections

from gateway.group_commit import GroupCommit

P = ParamSpec("P")
R = TypeVar("R")

READ_THREADS = min(8, 2 * (os.cpu_count() or 2))


class Database:
    """Bounded threads that speak to the database on behalf of the event loop."""

    async def __call__(self, query: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function that only reads, and return what it returns.

        Raises:
            Exception: Whatever ``query`` raises.
        """
        return await self._run(self._readers, query, *args, **kwargs)

    async def write(self, command: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function that opens its own transaction, and return what it returns.

        A cancelled caller does not cancel the thread: the write may commit all the same, so
        every command must be safe to repeat.

        Raises:
            Exception: Whatever ``command`` raises.
        """
        return await self._run(self._writers, command, *args, **kwargs)

    async def commit(self, command: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Write as ``write`` does, but perhaps in one transaction with what others write now.

        For small writes that come in crowds. The command runs inside of a transaction, it is
        whole or not at all, and it may be run again if the transaction failed.

        Raises:
            Exception: Whatever ``command`` raises.
        """
        if self._group is None:
            return await self.write(command, *args, **kwargs)
        return await self._group.write(partial(command, *args, **kwargs))

    async def calm(self, patience_seconds: float) -> None:
        """Wait until no small write waits any more, for a while at the most.

        For work that would hold up those who write: on SQLite they share one thread, which gets
        little of the processor while the event loop is busy with other things.
        """
        if self._group is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._group.calm(), patience_seconds)

    @cached_property
    def _group(self) -> GroupCommit | None:
        return GroupCommit(self._writers, _tidy) if _is_sqlite() else None

    @cached_property
    def _readers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(READ_THREADS, thread_name_prefix="db")

    @cached_property
    def _writers(self) -> ThreadPoolExecutor:
        # SQLite has one writer anyway: eight threads that compete for its lock had a p99 of
        # 79 ms, one that queues has 1 ms at the same throughput.
        if _is_sqlite():
            return ThreadPoolExecutor(1, thread_name_prefix="db-write")
        return self._readers

    @staticmethod
    async def _run(
        executor: ThreadPoolExecutor, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        context = contextvars.copy_context()
        call = partial(context.run, _call, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(executor, call)


def _call(function: Callable[[], R]) -> R:
    try:
        return function()
    finally:
        _tidy()


def _tidy() -> None:
    for connection in connections.all(initialized_only=True):
        # PostgreSQL's goes back to its pool. SQLite's stays with its thread, for opening one
        # costs five times what a query does, unless something went wrong with it.
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()


def _is_sqlite() -> bool:
    return "sqlite" in settings.DATABASES["default"]["ENGINE"]


db = Database()
