"""What a process does for the sake of the others, once the site runs on more than one."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine, Iterable
from typing import Any, Protocol
from uuid import UUID

from conversations.chat import inlet, outlet
from conversations.chat.patrol import Patrol, Sight, patrol_look
from conversations.chat.pokes import About, Poke, Pokes
from conversations.chat.redis_stream import Keys, redis_connect
from conversations.chat.streamlog_redis import RedisStreamLog
from gateway.db import db

CANCEL_SECONDS = 1.0


class Work(Protocol):
    """What this process does, as far as others can tell it something about that."""

    def halt(self, reply: int) -> bool:
        """End a reply that somebody has stopped, if it runs here."""

    def call(self, conversation: UUID) -> None:
        """See to a conversation's open replies."""

    async def is_ours(self, reply: int) -> bool:
        """Ask the database whether we still make this reply."""


class Neighbours:
    """Shares words and pokes with the other processes, and sees what nobody told.

    Args:
        owner: This process's name.
        keys: The names of the streams in Redis.
    """

    def __init__(self, owner: str, keys: Keys) -> None:
        self._owner = owner
        self._work: Work | None = None
        self._writing = redis_connect(answer_seconds=outlet.ANSWER_SECONDS)
        self._reading = redis_connect(answer_seconds=inlet.ANSWER_SECONDS)
        self.log = RedisStreamLog(
            self._writing,
            self._reading,
            owner,
            keys=keys,
            on_fenced=self._doubt,
            on_poke=self._hear,
        )
        self.pokes = Pokes(self.log.outlet.poke)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Work) -> None:
        """Begin to write, to read and to look, on behalf of what runs here."""
        self._work = work
        patrol = Patrol(
            self._look,
            on_change=self.pokes.wake,
            on_words=self.log.merge,
            on_stop=work.halt,
        )
        for for_ever in (self.log.outlet.run, self.log.inlet.run, patrol.run):
            self._spawn(for_ever())

    async def stop(self) -> None:
        """Say what is left to say, and go."""
        await tasks_end(tuple(self._tasks))
        await self.log.outlet.farewell()
        await self._writing.aclose()
        await self._reading.aclose()

    async def _look(self) -> Sight:
        return await db(patrol_look, self.pokes.watched, self.log.inlet.deaf, self._owner)

    def _hear(self, poke: Poke) -> None:
        match poke.about, self._work:
            case About.CHANGED, _:
                self.pokes.wake(UUID(poke.subject))
            case About.WAITING, work if work:
                work.call(UUID(poke.subject))
            case About.STOPPED, work if work:
                work.halt(int(poke.subject))

    def _doubt(self, reply: int) -> None:
        self._spawn(self._prove(reply))

    async def _prove(self, reply: int) -> None:
        """Redis says that somebody else makes our reply; the database knows."""
        if self._work and await self._work.is_ours(reply):
            self.log.outlet.regain(reply)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # In a context of its own: it outlives whatever called for it.
        task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def tasks_end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: redis-py may swallow a cancellation as it hangs up."""
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=CANCEL_SECONDS)
