"""Keys that rest, are probed, and come back, as one call after another meets them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from gateway.engine.config import KeyStanding
from gateway.engine.errors import NoKeyError, TransientError
from gateway.engine.keys import BenchPolicy, KeyState
from gateway.engine.pipeline import Settings, Stores
from gateway.engine.types import Started
from tests.gateway.engine.conftest import (
    QUICK_RETRIES,
    Diary,
    GatewayFactory,
    ScriptedFactory,
    text_of,
)
from tests.gateway.engine.upstreams import Received, answers, ask, good_stream, good_whole, provider


async def test_it_takes_the_next_key_when_one_is_refused(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "401 Unauthorized"), good_stream)
    gateway = gateway_of(provider(server.url, "one", "two"))

    chunks = [chunk async for chunk in gateway.stream(ask())]

    assert isinstance(chunks[0], Started)
    assert chunks[0].attempts == 2
    assert {request.key for request in server.received} == {"one", "two"}
    assert [attempt.error_code for attempt in diary.calls[0].attempts] == ["bad_credential", ""]


async def test_nobody_waits_for_the_only_key_once_it_was_refused(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "401 Unauthorized"))
    gateway = gateway_of(provider(server.url))

    async with asyncio.timeout(1):
        for _ in range(2):
            with pytest.raises(NoKeyError):
                await gateway.complete(ask())

    assert [len(call.attempts) for call in diary.calls] == [1, 0]


async def test_it_tells_who_wants_to_know_that_a_quota_is_spent(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "402 Payment Required"))
    gateway = gateway_of(provider(server.url))

    with pytest.raises(NoKeyError):
        await gateway.complete(ask())

    assert [change.standing for change in diary.changes] == [KeyStanding.EXHAUSTED]


async def test_it_waits_for_a_throttled_key_that_recovers_within_the_deadline(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "429 Slow", "retry-after-ms: 150\r\n"), good_whole)
    began = time.monotonic()

    await gateway_of(provider(server.url)).complete(ask())

    assert time.monotonic() - began >= 0.15


async def test_if_no_key_recovers_in_time_it_says_at_once_when_one_will(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "429 Slow", "retry-after: 300\r\n"))
    gateway = gateway_of(provider(server.url))
    began = time.monotonic()

    with pytest.raises(NoKeyError) as caught:
        await gateway.complete(ask())

    assert caught.value.retry_after == pytest.approx(300, abs=5)
    assert time.monotonic() - began < 5.0


async def test_when_all_keys_rest_exactly_one_probe_goes_out(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    probing, verdict = asyncio.Event(), asyncio.Event()

    async def hesitant(request: Received, writer: asyncio.StreamWriter) -> None:
        probing.set()
        await verdict.wait()
        await good_stream(request, writer)

    throttled = answers(b"{}", "429 Slow", "retry-after-ms: 50\r\n")
    server = await scripted(throttled, hesitant, good_stream)
    gateway = gateway_of(provider(server.url))
    calls = [asyncio.create_task(text_of(gateway))]
    await probing.wait()
    calls += [asyncio.create_task(text_of(gateway)) for _ in range(20)]
    await asyncio.sleep(0.1)
    during_probe = len(server.received)
    verdict.set()

    assert await asyncio.gather(*calls) == ["We ship there."] * 21
    assert during_probe == 2


async def test_an_upstream_that_is_wholly_down_is_not_hammered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "500 Oops"))
    settings = replace(QUICK_RETRIES, bench=BenchPolicy(failures=10**9))
    gateway = gateway_of(provider(server.url), settings=settings)

    outcomes = await asyncio.gather(
        *(gateway.complete(ask()) for _ in range(100)), return_exceptions=True
    )

    assert all(isinstance(outcome, TransientError) for outcome in outcomes)
    assert 100 <= len(server.received) <= 1.2 * 100 + 3


async def test_a_wholly_dead_upstream_trips_its_key_and_recovers_by_one_probe(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    failing = [answers(b"{}", "500 Oops")] * 3
    server = await scripted(*failing, good_whole)
    bench = BenchPolicy(failures=3, cool_seconds=0.2)
    gateway = gateway_of(provider(server.url), settings=replace(QUICK_RETRIES, bench=bench))
    with pytest.raises(TransientError):
        await gateway.complete(ask())

    began = time.monotonic()
    with pytest.raises(NoKeyError):
        await gateway.complete(ask(deadline_seconds=0.1))
    assert time.monotonic() - began < 0.1
    await gateway.complete(ask())
    assert gateway.key_health()["here"][0].state is KeyState.ACTIVE


async def test_a_key_rests_here_when_another_process_says_so(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(provider(server.url, "one", "two"))
    gateway.rest_key("here", "one", 60.0, "throttled")
    gateway.rest_key("elsewhere", "one", 60.0, "throttled")
    for _ in range(3):
        await gateway.complete(ask())

    assert {request.key for request in server.received} == {"two"}


async def test_a_probe_that_another_process_makes_is_waited_for(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    class Neighbours:
        def __init__(self) -> None:
            self.claims = 0
            self.shared: list[tuple[str, float, str]] = []
            self.ended: list[str] = []

        async def probe_claim(self, key_id: str, seconds: float) -> bool:
            self.claims += 1
            return self.claims > 1

        async def rest_share(self, key_id: str, seconds: float, reason: str) -> None:
            self.shared.append((key_id, seconds, reason))

        def probe_end(self, key_id: str) -> None:
            self.ended.append(key_id)

    neighbours = Neighbours()
    server = await scripted(answers(b"{}", "429 Slow", "retry-after-ms: 50\r\n"), good_whole)
    settings = Settings(bench=BenchPolicy(cool_seconds=0.1))
    gateway = gateway_of(provider(server.url), settings=settings, stores=Stores(keys=neighbours))

    await gateway.complete(ask())

    assert neighbours.claims == 2
    assert neighbours.ended == ["sandbox-1"]
    ((key_id, seconds, reason),) = neighbours.shared
    assert (key_id, reason) == ("sandbox-1", "throttled")
    assert seconds == pytest.approx(0.05, abs=0.02)
