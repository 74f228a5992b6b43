"""Many prompts in one call: each has its answer or its error, and one failure harms no other.

Lines of a batch stand behind every chat wherever calls must wait, and each line's deadline begins
only when it is admitted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

from gateway.engine.errors import GatewayError
from gateway.engine.types import ChatRequest, Completion, Priority

CONCURRENCY: Final = 16

Outcome: TypeAlias = Completion | GatewayError


class Completer(Protocol):
    """Whoever answers a request: a ``Gateway``."""

    async def complete(self, request: ChatRequest) -> Completion:
        """Return a whole answer."""
        ...


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one request.

    Args:
        index: Its place among the requests, from 0.
    """

    index: int
    outcome: Outcome


async def batch_complete(
    gateway: Completer, requests: Iterable[ChatRequest], *, concurrency: int = CONCURRENCY
) -> list[Outcome]:
    """Return every request's answer or error, in the order of the requests."""
    results = [
        result
        async for result in batch_results(gateway, enumerate(requests), concurrency=concurrency)
    ]
    return [result.outcome for result in sorted(results, key=lambda result: result.index)]


async def batch_results(
    gateway: Completer,
    requests: Iterable[tuple[int, ChatRequest]],
    *,
    concurrency: int = CONCURRENCY,
) -> AsyncGenerator[BatchResult, None]:
    """Yield results as they come; requests are drawn only as fast as they are answered.

    Closing the generator stops the calls under way.

    Args:
        gateway: Who answers.
        requests: With the index that each result shall carry.
        concurrency: How many calls at once.
    """
    waiting = iter(requests)
    running: set[asyncio.Task[BatchResult]] = set()
    try:
        _start(gateway, waiting, running, concurrency)
        while running:
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            running -= done
            _start(gateway, waiting, running, concurrency)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _start(
    gateway: Completer,
    waiting: Iterator[tuple[int, ChatRequest]],
    running: set[asyncio.Task[BatchResult]],
    concurrency: int,
) -> None:
    while len(running) < concurrency and (line := next(waiting, None)) is not None:
        running.add(asyncio.ensure_future(_result(gateway, *line)))


async def _result(gateway: Completer, index: int, request: ChatRequest) -> BatchResult:
    try:
        completion = await gateway.complete(replace(request, priority=Priority.BATCH))
    except GatewayError as error:
        return BatchResult(index, error)
    return BatchResult(index, completion)
