"""The one task of a process that reads from Redis: pokes, and replies that others make."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from conversations.chat.pokes import Poke
from conversations.chat.redis_stream import (
    BEGINNING,
    Entry,
    Keys,
    delta_read,
    poke_read,
    stream_end,
    streams_read,
)
from conversations.chat.streamlog import Delta

logger = logging.getLogger(__name__)

BLOCK_SECONDS = 0.5
# Redis answers a blocked read in time, or it is gone.
ANSWER_SECONDS = 1.5
PAUSE_SECONDS = 0.5
READ_ENTRIES = 500
# A stream that is silent for longer may have been made anew behind our back: ask the database.
QUIET_SECONDS = 2.0


class Inlet:
    """Waits at all streams of interest at once, and passes on what comes.

    Args:
        redis: A client that lets a command block for ``BLOCK_SECONDS``.
        keys: The streams' names.
        process: Our name; pokes that bear it are only heard, not passed on.
        on_words: Takes a reply's words; False if words before them are missing.
        on_poke: Takes a poke.
        sleep: How to wait.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        process: str,
        *,
        on_words: Callable[[int, Delta], bool],
        on_poke: Callable[[Poke], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._process = process
        self._on_words = on_words
        self._on_poke = on_poke
        self._sleep = sleep
        self._clock = clock
        self._followed: dict[int, str] = {}
        self._heard: dict[int, float] = {}
        self._pokes_seen: str | None = None

    @property
    def deaf(self) -> list[int]:
        """The followed replies whose words do not come this way, or with a gap."""
        since = self._clock() - QUIET_SECONDS
        return [reply for reply in self._followed if self._heard.get(reply, since) <= since]

    def follow(self, reply: int) -> None:
        """Read a reply's stream from its beginning."""
        self._followed.setdefault(reply, BEGINNING)

    def forget(self, reply: int) -> None:
        """Read a reply's stream no more."""
        self._followed.pop(reply, None)
        self._heard.pop(reply, None)

    def again(self, reply: int) -> None:
        """Read a followed stream again from its beginning."""
        if reply in self._followed:
            self._followed[reply] = BEGINNING

    async def run(self) -> None:
        """Read until cancelled."""
        is_failing = False
        while True:
            try:
                await self.read()
                is_failing = False
            except (RedisError, OSError, TimeoutError) as error:
                self._heard.clear()
                if not is_failing:
                    logger.warning("Redis gives no words: %s", type(error).__name__)
                is_failing = True
                await self._sleep(PAUSE_SECONDS)

    async def read(self) -> None:
        """Wait for something new, but not for long, and pass it on.

        Raises:
            RedisError: Redis does not answer.
            TimeoutError: As above.
        """
        if self._pokes_seen is None:
            self._pokes_seen = await stream_end(self._redis, self._keys.pokes)
        after = {self._keys.reply(reply): seen for reply, seen in self._followed.items()}
        after[self._keys.pokes] = self._pokes_seen
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await streams_read(
                self._redis, after, count=READ_ENTRIES, block_seconds=BLOCK_SECONDS
            )
        for key, entries in found:
            if key == self._keys.pokes:
                self._pokes_seen = entries[-1][0]
                self._hear(entries)
            else:
                self._take(self._keys.reply_of(key), entries)

    def _hear(self, entries: list[Entry]) -> None:
        for _, fields in entries:
            poke, process = poke_read(fields)
            if process != self._process:
                self._on_poke(poke)

    def _take(self, reply: int, entries: list[Entry]) -> None:
        if reply not in self._followed:
            return
        self._followed[reply] = entries[-1][0]
        for entry_id, fields in entries:
            if self._on_words(reply, delta_read(entry_id, fields)):
                self._heard[reply] = self._clock()
            else:
                self._heard.pop(reply, None)
