"""How a call ends before its time: its deadline, a caller who leaves, a gateway that closes."""

from __future__ import annotations

import asyncio
import time
from random import Random

import pytest

from gateway.engine.batch import batch_complete
from gateway.engine.config import Pool
from gateway.engine.errors import DeadlineExceededError, StreamBrokenError
from gateway.engine.limits import Limit
from gateway.engine.telemetry import Outcome
from gateway.engine.types import Completion, Priority
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory, text_of
from tests.gateway.engine.faults.leaks import nothing_is_left
from tests.gateway.engine.upstreams import (
    STOP,
    Received,
    ask,
    events,
    good_whole,
    provider,
    streams,
    word,
)


async def test_the_deadline_spans_attempts_and_waits(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(then=None))
    began = time.monotonic()

    with pytest.raises(DeadlineExceededError):
        await gateway_of(provider(server.url)).complete(ask(deadline_seconds=0.3))
    assert 0.3 <= time.monotonic() - began < 2.0


async def test_a_line_of_a_batch_has_its_deadline_from_its_admission(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    async def slow(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        await good_whole(request, writer)

    server = await scripted(slow)
    gateway = gateway_of(provider(server.url, limit=Limit(concurrency=1)))
    request = ask(priority=Priority.BATCH, deadline_seconds=0.6)

    outcomes = await batch_complete(gateway, [request] * 5)

    # The last waited longer than a whole deadline before its own began.
    assert all(isinstance(outcome, Completion) for outcome in outcomes), outcomes


async def test_waiting_in_line_ends_with_the_deadline(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url, pool=Pool(connections=1, idle=1)))
    first = gateway.stream(ask())
    await anext(first)

    with pytest.raises(DeadlineExceededError):
        await gateway.complete(ask(deadline_seconds=0.2))
    await first.aclose()


async def test_closing_a_stream_closes_the_upstream_socket(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    stream = gateway.stream(ask())
    await anext(stream)
    await stream.aclose()
    await nothing_is_left(gateway, server)

    assert server.open_connections == 0
    assert diary.calls[0].outcome is Outcome.CANCELLED


async def test_a_caller_who_is_cancelled_twice_leaves_nothing_behind(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    for _ in range(20):
        task = asyncio.create_task(text_of(gateway))
        await asyncio.sleep(0.01)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.wait((task,))

    await nothing_is_left(gateway, server)


async def test_closing_the_gateway_ends_every_stream(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    running = asyncio.create_task(text_of(gateway))
    await asyncio.sleep(0.05)
    await gateway.aclose()

    with pytest.raises(StreamBrokenError):
        await running


async def test_answers_never_cross_when_callers_leave(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    """Promise R17: each caller's canary comes back to that caller, or to nobody."""

    async def echo(request: Received, writer: asyncio.StreamWriter) -> None:
        text = request.body.decode().partition("canary-")[2].partition("!")[0]
        await streams(events(word(f"canary-{text}")), events(STOP), then=0.01)(request, writer)

    server = await scripted(echo)
    gateway = gateway_of(provider(server.url, pool=Pool(20, 20)))
    rand = Random(7)
    crossed: list[str] = []

    async def call(number: int) -> None:
        text = await text_of(gateway, f"canary-{number}!")
        if text != f"canary-{number}":
            crossed.append(text)

    tasks = []
    for number in range(300):
        tasks.append(asyncio.create_task(call(number)))
        await asyncio.sleep(0.001)
        if rand.random() < 0.5:
            rand.choice(tasks).cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert crossed == []
    assert sum(not task.cancelled() for task in tasks) > 100
    await nothing_is_left(gateway, server)
