"""Requests that need no call of their own: remembered answers, and calls already under way.

Identical requests that arrive together share one call. It is nobody's in particular: whoever
asked first may leave, and it goes on as long as anybody listens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
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

Source: TypeAlias = Callable[[ChatRequest], AsyncGenerator[Chunk, None]]


class Flight:
    """One call with any number of listeners, each of whom hears it from the beginning.

    Args:
        chunks: The call; it is closed when it ends or when nobody listens any more.
        landed: Called with all chunks of a call that ended well, before its listeners know.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[Chunk, None],
        landed: Callable[[list[Chunk]], Awaitable[None]],
    ) -> None:
        self._landed = landed
        self._chunks: list[Chunk] = []
        self._error: GatewayError | None = None
        self._news = asyncio.Event()
        self._listeners = 0
        self.has_ended = False
        self.task = asyncio.get_running_loop().create_task(self._run(chunks))

    async def listen(self, deadline: float) -> AsyncGenerator[Chunk, None]:
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
                while heard < len(self._chunks):
                    heard += 1
                    yield self._chunks[heard - 1]
                if self.has_ended:
                    break
                try:
                    async with asyncio.timeout_at(deadline):
                        await self._news.wait()
                except TimeoutError:
                    raise DeadlineExceededError("the shared answer took too long") from None
            if self._error is not None:
                raise self._error
        finally:
            self._listeners -= 1
            if not self._listeners:
                self.task.cancel()

    async def _run(self, chunks: AsyncGenerator[Chunk, None]) -> None:
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    self._chunks.append(chunk)
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
        source: Makes a call.
        cache: Where answers are remembered.
        observers: Who gets a record of each request that needed no call.
    """

    def __init__(self, source: Source, cache: CacheStore, observers: Observers) -> None:
        self._source = source
        self._cache = cache
        self._observers = observers
        self._flights: dict[str, Flight] = {}

    async def stream(self, request: ChatRequest, rule: CacheRule) -> AsyncGenerator[Chunk, None]:
        """Yield what ``Gateway.stream`` promises.

        Raises:
            GatewayError: No complete answer came.
        """
        key = cache_key(request, rule)
        call = Call(request)
        remembered = await self._cache.get(key)
        if remembered is not None:
            call.is_cached = True
            chunks = _replay(remembered)
        elif key in self._flights:
            call.is_shared = True
            chunks = self._follow(key, request, rule, call.deadline)
        else:
            chunks = self._lead(key, request, rule, call.deadline)
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    call.reused(chunk)
                    yield chunk
        except GatewayError as error:
            call.failed(error)
            raise
        finally:
            if call.is_cached or call.is_shared:
                self._observers.call_ended(call.record())

    async def _follow(
        self, key: str, request: ChatRequest, rule: CacheRule, deadline: float
    ) -> AsyncGenerator[Chunk, None]:
        """Listen to somebody else's call; if only its owner may not call, make one."""
        has_heard = False
        try:
            async with aclosing(self._flights[key].listen(deadline)) as chunks:
                async for chunk in chunks:
                    has_heard = True
                    yield chunk
        except (LimitedError, DeadlineExceededError):
            if has_heard or asyncio.get_running_loop().time() >= deadline:
                raise
        else:
            return
        async with aclosing(self._lead(key, request, rule, deadline)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _lead(
        self, key: str, request: ChatRequest, rule: CacheRule, deadline: float
    ) -> AsyncGenerator[Chunk, None]:
        flight = self._flights.get(key)
        if flight is None:

            async def landed(chunks: list[Chunk]) -> None:
                answer = _remembered(chunks)
                if answer is not None:
                    await self._cache.put(key, answer, rule.ttl_seconds)

            flight = self._flights[key] = Flight(self._source(request), landed)
            flight.task.add_done_callback(lambda _: self._flights.pop(key, None))
        return flight.listen(deadline)


async def _replay(answer: Remembered) -> AsyncGenerator[Chunk, None]:
    yield Started(answer.target, "", 0)
    for text in answer.texts:
        yield TextDelta(text)
    yield answer.finished


def _remembered(chunks: list[Chunk]) -> Remembered | None:
    """Return what is worth remembering: an answer that the model itself ended."""
    match chunks:
        case [Started(target), *deltas, Finished(FinishReason.STOP) as finished]:
            texts = tuple(delta.text for delta in deltas if isinstance(delta, TextDelta))
            return Remembered(target, texts, finished)
        case _:
            return None
