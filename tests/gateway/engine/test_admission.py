"""Limits, budgets and priorities, with a real server behind the door."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

import pytest

from gateway.engine.budgets import Budget, Budgets, Spent
from gateway.engine.config import KeyConfig, Pool, Price, ProviderConfig, Secret
from gateway.engine.errors import LimitedError, NoKeyError, StreamBrokenError
from gateway.engine.estimate import request_tokens, text_tokens
from gateway.engine.limits import Limit, Rate
from gateway.engine.pipeline import Gateway, Settings, Stores
from gateway.engine.types import Priority, Started, TextDelta
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory
from tests.gateway.engine.upstreams import (
    Received,
    answers,
    ask,
    events,
    good_stream,
    good_whole,
    provider,
    streams,
    word,
)


class Books:
    """A ledger in which nothing was ever spent."""

    async def spent(self, scope: str, currency: str, since: float) -> Spent:
        return Spent()


def limited(**limits: Limit) -> Settings:
    return Settings(limits=limits, patience_seconds=0.3)


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


async def test_tokens_are_settled_from_usage(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(
        provider(server.url), settings=limited(widget=Limit(tokens=Rate(0.0, 2000.0)))
    )
    request = ask(scopes={"widget": "7"})  # reserves more than a thousand, costs ten
    for _ in range(20):
        await gateway.complete(request)

    assert len(server.received) == 20


async def test_an_answer_that_broke_off_costs_what_was_heard(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("x" * 300))), good_whole)
    capacity = float(request_tokens(ask()))
    gateway = gateway_of(
        provider(server.url), settings=limited(widget=Limit(tokens=Rate(0.0, capacity)))
    )
    request = ask(scopes={"widget": "7"})
    stream = gateway.stream(request)
    chunks = [await anext(stream), await anext(stream)]
    with pytest.raises(StreamBrokenError):
        await anext(stream)

    assert [type(chunk) for chunk in chunks] == [Started, TextDelta]
    with pytest.raises(LimitedError):
        await gateway.complete(request)
    await gateway.complete(ask(scopes={"widget": "7"}, max_output_tokens=800))


async def test_a_call_that_never_began_costs_nothing(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "400 Bad Request"))
    settings = limited(widget=Limit(tokens=Rate(0.0, float(request_tokens(ask())))))
    gateway = gateway_of(provider(server.url), settings=settings)
    for _ in range(3):
        with pytest.raises(Exception, match="HTTP 400"):
            await gateway.complete(ask(scopes={"widget": "7"}))


async def test_a_budget_is_kept_in_money_by_the_price_of_the_model(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(good_stream)
    price = Price("USD", Decimal(1000), Decimal(1000))
    budgets = Budgets(Books(), {"widget": Budget(money=Decimal("1.1"))})
    gateway = gateway_of(
        provider(server.url, prices={"model-1": price}), stores=Stores(budgets=budgets)
    )
    request = ask(scopes={"widget": "7"})
    for _ in range(5):
        assert [chunk async for chunk in gateway.stream(request)]

    assert diary.calls[0].cost == Decimal("0.01")
    assert diary.calls[0].currency == "USD"
    with pytest.raises(LimitedError, match="budget"):
        await gateway.complete(ask("x" * 400, scopes={"widget": "7"}))


async def test_a_denied_call_gives_its_part_of_the_budget_back(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    budgets = Budgets(Books(), {"widget": Budget(tokens=1100)})
    gateway = gateway_of(
        provider(server.url),
        stores=Stores(budgets=budgets),
        settings=limited(address=Limit(requests=Rate(0.01, 1.0))),
    )
    scopes = {"widget": "7", "address": "192.0.2.1"}
    await gateway.complete(ask(scopes=scopes))
    for _ in range(3):
        with pytest.raises(LimitedError, match="limit of ours"):
            await gateway.complete(ask(scopes=scopes))

    await gateway.complete(ask(scopes={"widget": "7"}))


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


def test_estimates_err_upwards() -> None:
    assert text_tokens("") == 0
    assert text_tokens("Do you ship to Norway?") == 8
    assert text_tokens("可以退货吗") == 5
    assert request_tokens(ask("", max_output_tokens=10)) == 14
