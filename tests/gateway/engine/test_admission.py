"""Limits, budgets and priorities, with a real server behind the door."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.engine.config import KeyConfig, Pool, ProviderConfig, Secret
from gateway.engine.errors import LimitedError, NoKeyError
from gateway.engine.limits import Limit, Rate
from gateway.engine.pipeline import Gateway, Stores
from gateway.engine.types import Priority, Started
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory, limited
from tests.gateway.engine.upstreams import (
    Received,
    ask,
    events,
    good_whole,
    provider,
    streams,
    word,
)


def with_keys(url: str, limit: Limit, *names: str) -> ProviderConfig:
    keys = tuple(KeyConfig(id=n, label=n, secret=Secret(n), limit=limit) for n in names)
    return provider(url, keys=keys)


async def test_who_asks_too_much_hears_when_to_come_back(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(
        provider(server.url), settings=limited(address=Limit(requests=Rate(0.1, 1.0)))
    )
    one, other = {"address": "192.0.2.1"}, {"address": "192.0.2.2"}
    await gateway.complete(ask(scopes=one))
    await gateway.complete(ask(scopes=other))

    with pytest.raises(LimitedError) as caught:
        await gateway.complete(ask(scopes=one))

    assert caught.value.scope == "address:192.0.2.1"
    assert caught.value.retry_after == pytest.approx(10.0, abs=1.0)
    assert len(server.received) == 2
    assert diary.calls[-1].error_code == "limited"
    assert diary.calls[-1].attempts == ()


async def test_a_short_wait_is_waited(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    settings = limited(widget=Limit(requests=Rate(20.0, 1.0)))
    gateway = gateway_of(provider(server.url), settings=settings)
    for _ in range(3):
        await gateway.complete(ask(scopes={"widget": "7"}))

    assert len(server.received) == 3


async def test_a_request_larger_than_the_limit_is_told_so(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    settings = limited(widget=Limit(tokens=Rate(1.0, 100.0)))
    gateway = gateway_of(provider(server.url), settings=settings)

    with pytest.raises(LimitedError) as caught:
        await gateway.complete(ask(scopes={"widget": "7"}, max_output_tokens=500))

    assert caught.value.retry_after is None
    assert "larger than the limit" in caught.value.detail


async def test_a_chat_goes_before_a_batch_that_waits_longer(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    async def slow(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        await good_whole(request, writer)

    server = await scripted(slow)
    gateway = gateway_of(provider(server.url, limit=Limit(concurrency=1)))
    order: list[str] = []

    async def call(name: str, priority: Priority) -> None:
        await gateway.complete(ask(name, priority=priority))
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("batch 1", "batch 2", "batch 3", "chat"):
            priority = Priority.CHAT if name == "chat" else Priority.BATCH
            group.create_task(call(name, priority))
            await asyncio.sleep(0.005)

    assert order == ["batch 1", "chat", "batch 2", "batch 3"]


async def test_a_chat_goes_before_a_batch_that_waits_for_a_connection(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    async def slow(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        await good_whole(request, writer)

    server = await scripted(slow)
    gateway = gateway_of(provider(server.url, pool=Pool(connections=1, idle=1)))
    async with asyncio.TaskGroup() as group:
        for name in ("batch 1", "batch 2", "chat"):
            priority = Priority.CHAT if name == "chat" else Priority.BATCH
            group.create_task(gateway.complete(ask(name, priority=priority)))
            await asyncio.sleep(0.005)

    asked = [request.json["messages"] for request in server.received]
    assert [messages[0]["content"] for messages in asked] == ["batch 1", "chat", "batch 2"]


async def test_a_key_at_its_limit_leaves_the_work_to_the_next(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(with_keys(server.url, Limit(requests=Rate(0.001, 1.0)), "one", "two"))
    for _ in range(2):
        await gateway.complete(ask())

    assert {request.key for request in server.received} == {"one", "two"}
    with pytest.raises(NoKeyError) as caught:
        await gateway.complete(ask())
    assert caught.value.retry_after == pytest.approx(1000.0, rel=0.1)


async def test_a_key_whose_limit_no_call_fits_is_no_help(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(with_keys(server.url, Limit(tokens=Rate(1.0, 1.0)), "one"))

    with pytest.raises(LimitedError):
        await gateway.complete(ask())


async def test_new_limits_count_without_a_restart(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    here = provider(server.url)
    gateway = gateway_of(here)
    await gateway.reconfigure([here], limits={"widget:7": Limit(concurrency=0)})

    with pytest.raises(LimitedError):
        await gateway.complete(ask(scopes={"widget": "7"}))
    await gateway.complete(ask(scopes={"widget": "8"}))


async def test_a_cancelled_wait_leaves_no_place_taken(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway: Gateway = gateway_of(provider(server.url, limit=Limit(concurrency=1)))
    first = gateway.stream(ask())
    await anext(first)
    waiting = asyncio.create_task(anext(gateway.stream(ask())))
    await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.wait((waiting,))
    await first.aclose()

    began = time.monotonic()
    second = gateway.stream(ask())
    assert isinstance(await anext(second), Started)
    assert time.monotonic() - began < 1.0
    await second.aclose()


async def test_a_store_that_fails_takes_no_key_with_it(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    class Broken:
        async def reserve(self, *_: object) -> None:
            raise OSError

    server = await scripted(good_whole)
    gateway = gateway_of(
        provider(server.url, limit=Limit(concurrency=1)),
        stores=Stores(limits=Broken()),  # type: ignore[arg-type]  # it never gets as far as settling
    )

    with pytest.raises(OSError):  # noqa: PT011  # the store's own
        await gateway.complete(ask())
    assert gateway.key_health()["here"][0].streams == 0
