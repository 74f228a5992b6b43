"""The one task of a process that writes to Redis: all its replies' words, and its pokes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError, ResponseError

from conversations.chat.pokes import Poke
from conversations.chat.redis_stream import Keys, delta_write, poke_write
from conversations.chat.streamlog import Delta, deltas_merge

logger = logging.getLogger(__name__)

# What piles up meanwhile goes out together; nobody reads faster than speech merges.
GATHER_SECONDS = 0.01
PAUSE_SECONDS = 0.5
ANSWER_SECONDS = 1.0

STREAM_SECONDS = 900
# After its end a stream only has to refuse a writer that was frozen.
ENDED_SECONDS = 60
STREAM_ENTRIES = 4096
POKES_ENTRIES = 1000
# What Redis says of an id that is not above the last one in the stream.
REFUSED = "equal or smaller"


class Standing(Enum):
    """What is known of a stream in Redis."""

    UNKNOWN = "it must begin again, with everything said so far"
    WHOLE = "all that was written is there"
    FENCED = "another writer has it"
    REGAINED = "the database says that it is ours, whatever Redis says"


@dataclass(slots=True)
class Line:
    """The stream of one reply that is made here.

    ``number`` grows with each try to write, so an id that Redis refuses is another writer's
    doing, never our own repetition.
    """

    attempt: int
    number: int = 0
    unsent: list[Delta] = field(default_factory=list)
    standing: Standing = Standing.UNKNOWN
    is_ended: bool = False


class Outlet:
    """Sends what has piled up in one pipeline, again and again; its callers never wait.

    While Redis is away nothing piles up: words stay in the log they came from, and when Redis
    is back each reply begins its stream again with everything it has said. Pokes are dropped.

    Args:
        redis: A client that gives up soon.
        keys: The streams' names.
        process: Our name, under which our pokes go out.
        whole: Returns everything that a reply has said.
        on_fenced: Called with a reply whose stream belongs to another writer.
        sleep: How to wait.
    """

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        process: str,
        *,
        whole: Callable[[int], Delta | None],
        on_fenced: Callable[[int], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._process = process
        self._whole = whole
        self._on_fenced = on_fenced
        self._sleep = sleep
        self._lines: dict[int, Line] = {}
        self._dirty: dict[int, Line] = {}
        self._erased: set[int] = set()
        self._pokes: dict[Poke, None] = {}
        self._news = asyncio.Event()

    def begin(self, reply: int, attempt: int) -> None:
        """Start the stream of an attempt."""
        self._lines[reply] = Line(attempt)
        self._soil(reply)

    def append(self, reply: int, delta: Delta) -> None:
        """Add words to a stream that was begun."""
        line = self._lines.get(reply)
        if line and line.attempt == delta.attempt:
            if line.standing is Standing.WHOLE:
                line.unsent.append(delta)
            self._soil(reply)

    def end(self, reply: int) -> None:
        """Let a stream run out: the database has what it said."""
        if line := self._lines.get(reply):
            line.is_ended = True
            self._soil(reply)
            del self._lines[reply]

    def erase(self, reply: int) -> None:
        """Delete a stream, whoever wrote it; what we have not sent of it is never sent."""
        self._lines.pop(reply, None)
        self._dirty.pop(reply, None)
        self._erased.add(reply)
        self._news.set()

    def regain(self, reply: int) -> None:
        """Write on where another writer's words stand: the database says the reply is ours."""
        line = self._lines.get(reply)
        if line and line.standing is Standing.FENCED:
            line.standing = Standing.REGAINED
            self._soil(reply)

    def poke(self, poke: Poke) -> None:
        """Pass a poke on."""
        self._pokes[poke] = None
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled."""
        is_failing = False
        while True:
            await self._news.wait()
            await self._sleep(GATHER_SECONDS)
            try:
                await self.flush()
                is_failing = False
            except (RedisError, OSError, TimeoutError) as error:
                if not is_failing:
                    logger.warning("Redis takes no words: %s", type(error).__name__)
                is_failing = True
                await self._sleep(PAUSE_SECONDS)

    async def farewell(self) -> None:
        """Write what is left; Redis may refuse, for the database has it all."""
        with suppress(RedisError, OSError, TimeoutError):
            await self.flush()

    async def flush(self) -> None:
        """Write what there is to write now.

        Raises:
            RedisError: Redis did not take it; every stream begins again with all its words.
            TimeoutError: As above.
        """
        self._news.clear()
        erased = tuple(self._erased)
        dirty, self._dirty = self._dirty, {}
        pokes, self._pokes = self._pokes, {}
        pipeline = self._redis.pipeline(transaction=False)
        expiring = {
            reply: ENDED_SECONDS if line.is_ended else STREAM_SECONDS
            for reply, line in dirty.items()
            if line.is_ended or line.standing is not Standing.WHOLE
        }
        regained = [r for r, line in dirty.items() if line.standing is Standing.REGAINED]
        for reply in (*regained, *erased):
            pipeline.unlink(self._keys.reply(reply))
        written = [reply for reply, line in dirty.items() if self._write(pipeline, reply, line)]
        for poke in pokes:
            pipeline.xadd(self._keys.pokes, poke_write(poke, self._process), maxlen=POKES_ENTRIES)
        for reply, seconds in expiring.items():
            pipeline.expire(self._keys.reply(reply), seconds)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                results = await pipeline.execute(raise_on_error=False)
            for reply, result in zip(written, results[len(regained) + len(erased) :], strict=False):
                self._judge(reply, dirty[reply], result)
            self._erased.difference_update(erased)
        except BaseException:
            self._begin_again()
            raise

    def _write(self, pipeline: Pipeline, reply: int, line: Line) -> bool:
        if line.standing is Standing.FENCED:
            return False
        is_whole = line.standing is Standing.WHOLE
        unsent, line.unsent = line.unsent, []
        delta = self._whole(reply) if not is_whole else deltas_merge(unsent) if unsent else None
        if delta is None or delta.attempt != line.attempt:
            return False
        line.number += 1
        line.standing = Standing.WHOLE
        pipeline.xadd(
            self._keys.reply(reply),
            delta_write(delta),
            id=f"{line.attempt}-{line.number}",
            maxlen=STREAM_ENTRIES,
            nomkstream=is_whole,  # a stream that has vanished must not go on in the middle
        )
        return True

    def _judge(self, reply: int, line: Line, result: object) -> None:
        if isinstance(result, ResponseError) and REFUSED in str(result):
            line.standing = Standing.FENCED
            self._on_fenced(reply)
        elif isinstance(result, Exception):
            raise result
        elif result is None:  # flushed, or evicted
            line.standing = Standing.UNKNOWN
            self._soil(reply)

    def _begin_again(self) -> None:
        for reply, line in self._lines.items():
            line.unsent = []
            if line.standing is Standing.WHOLE:
                line.standing = Standing.UNKNOWN
            self._soil(reply)
        if self._erased:
            self._news.set()

    def _soil(self, reply: int) -> None:
        if line := self._lines.get(reply):  # it may have been erased while Redis answered
            self._dirty[reply] = line
        self._news.set()
