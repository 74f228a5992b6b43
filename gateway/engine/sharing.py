"""Requests that need no call of their own: remembered answers, and calls already under way.

Identical requests that arrive together share one call. It is nobody's in particular: whoever
asked first may leave, and it goes on as long as anybody listens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeAlias

from gateway.engine.cache import CacheStore, Remembered, cache_key
from gateway.engine.call import Call
from gateway.engine.errors import DeadlineExceededError, GatewayError, LimitedError
from gateway.engine.telemetry import Observers
from gateway.engine.types import (
    CacheRule,
    ChatRequest,
    Chunk,
    Finished,
    FinishReason,
    Started,
    TextDelta,
)

Batches: TypeAlias = AsyncGenerator[Sequence[Chunk], None]
"""An answer as it comes: the chunks that arrived together are handed on together."""


class Flight:
    """One call with any number of listeners, each of whom hears it from the beginning.

    Args:
        batches: The call; it is closed when it ends or when nobody listens any more.
        landed: Called with all chunks of a call that ended well, before its listeners know.
    """

    def __init__(
        self, batches: Batches, landed: Callable[[Sequence[Chunk]], Awaitable[None]]
    ) -> None:
        self._landed = landed
        self._chunks: list[Chunk] = []
        self._error: GatewayError | None = None
        self._news = asyncio.Event()
        self._listeners = 0
        self.has_ended = False
        self.task = asyncio.get_running_loop().create_task(self._run(batches))

    async def listen(self, deadline: float) -> Batches:
        """Yield every chunk from the first; the last listener to leave ends the call.

        Args:
            deadline: The listener's own, on the event loop's clock.

        Raises:
            GatewayError: As the call does, or because the listener's deadline passed.
        """
        self._listeners += 1
        heard = 0
        try:
            while True:
                if heard < len(self._chunks):
                    batch = self._chunks[heard:]
                    heard = len(self._chunks)
                    yield batch
                elif self.has_ended:
                    break
                else:
                    await self._more(deadline)
            if self._error is not None:
                raise self._error
        finally:
            self._listeners -= 1
            if not self._listeners:
                self.task.cancel()

    async def _more(self, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._news.wait()
        except TimeoutError:
            raise DeadlineExceededError("the shared answer took too long") from None

    async def _run(self, batches: Batches) -> None:
        try:
            async with aclosing(batches):
                async for batch in batches:
                    self._chunks += batch
                    self._tell()
            await self._landed(self._chunks)
        except GatewayError as error:
            self._error = error
        finally:
            self.has_ended = True
            self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class Sharing:
    """Answers from memory or from a call under way, and only then by a call of its own.

    Args:
        cache: Where answers are remembered.
        observers: Who gets a record of each request that needed no call.
    """

    def __init__(self, cache: CacheStore, observers: Observers) -> None:
        self._cache = cache
        self._observers = observers
        self._flights: dict[str, Flight] = {}

    async def batches(
        self, request: ChatRequest, rule: CacheRule, source: Callable[[], Batches]
    ) -> Batches:
        """Yield an answer to the request, wherever it comes from.

        Args:
            request: What was asked.
            rule: Permission to share the answer.
            source: Makes a call, which writes its own record.

        Raises:
            GatewayError: No complete answer came.
        """
        key = cache_key(request, rule)
        remembered = await self._cache.get(key)
        if remembered is not None:
            batches = self._told(Call(request, is_cached=True), _replay(remembered))
        elif (flight := self._under_way(key)) is not None:
            call = Call(request, is_shared=True)
            batches = self._told(call, self._follow(flight, key, rule, source, call.deadline))
        else:
            deadline = asyncio.get_running_loop().time() + request.deadline_seconds
            batches = self._lead(key, rule, source, deadline)
        async with aclosing(batches):
            async for batch in batches:
                yield batch

    async def _told(self, call: Call, batches: Batches) -> Batches:
        """Write the record of an answer that needed no call."""
        try:
            async with aclosing(batches):
                async for batch in batches:
                    call.reused(batch)
                    yield batch
        except GatewayError as error:
            call.failed(error)
            raise
        finally:
            self._observers.call_ended(call.record())

    async def _follow(
        self,
        flight: Flight,
        key: str,
        rule: CacheRule,
        source: Callable[[], Batches],
        deadline: float,
    ) -> Batches:
        """Listen to somebody else's call; if only its owner may not call, make one."""
        has_heard = False
        try:
            async with aclosing(flight.listen(deadline)) as batches:
                async for batch in batches:
                    has_heard = True
                    yield batch
        except (LimitedError, DeadlineExceededError):
            if has_heard or asyncio.get_running_loop().time() >= deadline:
                raise
        else:
            return
        async with aclosing(self._lead(key, rule, source, deadline)) as batches:
            async for batch in batches:
                yield batch

    def _lead(
        self, key: str, rule: CacheRule, source: Callable[[], Batches], deadline: float
    ) -> Batches:
        async def landed(chunks: Sequence[Chunk]) -> None:
            answer = _remembered(chunks)
            if answer is not None:
                await self._cache.put(key, answer, rule.ttl_seconds)

        flight = self._under_way(key)
        if flight is None:
            flight = self._flights[key] = Flight(source(), landed)
            flight.task.add_done_callback(lambda _: self._forget(key, flight))
        return flight.listen(deadline)

    def _under_way(self, key: str) -> Flight | None:
        flight = self._flights.get(key)
        return None if flight is None or flight.has_ended else flight

    def _forget(self, key: str, flight: Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


async def _replay(answer: Remembered) -> Batches:
    deltas = [TextDelta(text) for text in answer.texts]
    yield [Started(answer.target, "", 0), *deltas, answer.finished]


def _remembered(chunks: Sequence[Chunk]) -> Remembered | None:
    """Return what is worth remembering: an answer that the model itself ended."""
    match chunks:
        case [Started(target), *deltas, Finished(FinishReason.STOP) as finished]:
            texts = tuple(delta.text for delta in deltas if isinstance(delta, TextDelta))
            return Remembered(target, texts, finished)
        case _:
            return None
