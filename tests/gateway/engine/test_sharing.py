from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from gateway.engine.cache import MemoryCache, Remembered, cache_key
from gateway.engine.errors import DeadlineExceededError, LimitedError, StreamBrokenError
from gateway.engine.limits import Charge, Limit, Rate
from gateway.engine.pipeline import Gateway, Settings
from gateway.engine.telemetry import Outcome
from gateway.engine.types import (
    CacheRule,
    ChatRequest,
    Finished,
    FinishReason,
    Started,
    Target,
    TextDelta,
)
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory
from tests.gateway.engine.upstreams import (
    STOP,
    ask,
    events,
    good_stream,
    good_whole,
    provider,
    streams,
    word,
)

RULE = CacheRule(scope="widget 7", ttl_seconds=60.0)
SLOW = streams(events(word("We ")), events(word("ship ")), events(word("there."), STOP), then=0.05)


def shared(**changes: object) -> ChatRequest:
    return replace(ask(cache=RULE), **changes)  # type: ignore[arg-type]  # tests name real fields


async def text_of(gateway: Gateway, request: ChatRequest) -> str:
    chunks = [chunk async for chunk in gateway.stream(request)]
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))


async def until_it_listens(gateway: Gateway, request: ChatRequest) -> asyncio.Task[str]:
    task = asyncio.create_task(text_of(gateway, request))
    await asyncio.sleep(0.02)
    return task


async def test_an_answer_is_given_again_without_a_call(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))
    first = [chunk async for chunk in gateway.stream(shared())]
    second = [chunk async for chunk in gateway.stream(shared())]

    assert second[1:] == first[1:]
    assert second[0] == Started(Target("here", "model-1"), "", attempts=0)
    assert (await gateway.complete(shared())).text == "We ship there."
    assert len(server.received) == 1
    assert [(call.is_cached, call.outcome) for call in diary.calls] == [
        (False, Outcome.SUCCEEDED),
        (True, Outcome.SUCCEEDED),
        (True, Outcome.SUCCEEDED),
    ]
    assert diary.calls[1].cost == 0


async def test_without_a_rule_nothing_is_remembered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(provider(server.url))
    for _ in range(2):
        await gateway.complete(ask())

    assert len(server.received) == 2


async def test_no_answer_crosses_from_one_scope_to_another(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))
    await text_of(gateway, shared())
    await text_of(gateway, shared(cache=replace(RULE, scope="widget 8")))

    assert len(server.received) == 2


async def test_identical_requests_in_flight_share_one_call(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(SLOW)
    gateway = gateway_of(provider(server.url))
    first = await until_it_listens(gateway, shared())
    others = [asyncio.create_task(text_of(gateway, shared())) for _ in range(20)]

    assert await asyncio.gather(first, *others) == ["We ship there."] * 21
    assert len(server.received) == 1
    assert sum(call.is_shared for call in diary.calls) == 20


async def test_a_call_goes_on_when_the_one_who_asked_first_leaves(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(SLOW)
    gateway = gateway_of(provider(server.url))
    first = await until_it_listens(gateway, shared())
    second = await until_it_listens(gateway, shared())
    first.cancel()

    assert await second == "We ship there."
    assert len(server.received) == 1


async def test_when_the_last_listener_leaves_the_call_ends(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    stream = gateway.stream(shared())
    async with aclosing(stream):
        assert isinstance(await anext(stream), Started)
    for _ in range(100):
        if not server.open_connections:
            break
        await asyncio.sleep(0.01)

    assert server.open_connections == 0


async def test_all_listeners_hear_that_it_broke_and_nothing_is_remembered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    broken = streams(events(word("We ")), events(word("ship ")), then=0.05)
    server = await scripted(broken, good_stream)
    gateway = gateway_of(provider(server.url))
    first = await until_it_listens(gateway, shared())
    second = await until_it_listens(gateway, shared())
    outcomes = await asyncio.gather(first, second, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [StreamBrokenError] * 2
    assert [call.outcome for call in diary.calls] == [Outcome.FAILED] * 2
    assert await text_of(gateway, shared()) == "We ship there."


async def test_an_answer_that_was_cut_short_is_not_remembered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    cut = events(word("We "), {"choices": [{"finish_reason": "length"}]})
    server = await scripted(streams(cut), good_stream)
    gateway = gateway_of(provider(server.url))

    assert await text_of(gateway, shared()) == "We "
    assert await text_of(gateway, shared()) == "We ship there."


async def test_a_limit_of_the_first_asker_does_not_fail_the_second(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_stream)
    limits = {"address:spammer": Limit(requests=Rate(0.9, 1.0))}
    gateway = gateway_of(provider(server.url), settings=Settings(limits=limits))
    await text_of(gateway, ask(scopes={"address": "spammer"}))
    first = await until_it_listens(gateway, shared(scopes={"address": "spammer"}))
    second = await until_it_listens(gateway, shared(scopes={"address": "neighbour"}))
    first.cancel()

    assert await second == "We ship there."


async def test_a_second_asker_makes_a_call_when_the_first_may_not(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_stream)
    limits = {"customer:poor": Limit(concurrency=1)}
    settings = Settings(limits=limits, patience_seconds=0.3)
    gateway = gateway_of(provider(server.url), settings=settings)
    poor = Charge("customer:poor", limits["customer:poor"])
    store = gateway._door._limits  # noqa: SLF001  # another call of theirs is under way
    await store.reserve([poor], 1.0, 60.0)
    first = asyncio.create_task(text_of(gateway, shared(scopes={"customer": "poor"})))
    await asyncio.sleep(0.02)
    others = [
        asyncio.create_task(text_of(gateway, shared(scopes={"customer": "rich"}))) for _ in range(3)
    ]

    assert await asyncio.gather(*others) == ["We ship there."] * 3
    assert len(server.received) == 1
    with pytest.raises(LimitedError):
        await first


async def test_a_listener_keeps_its_own_deadline(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    first = await until_it_listens(gateway, shared())

    with pytest.raises(DeadlineExceededError):
        await text_of(gateway, shared(deadline_seconds=0.1))
    first.cancel()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def remembered(text: str) -> Remembered:
    return Remembered(Target("p", "m"), (text,), Finished(FinishReason.STOP, None))


async def test_an_answer_is_forgotten_when_its_time_is_over() -> None:
    clock = Clock()
    cache = MemoryCache(clock)
    await cache.put("a", remembered("1"), 10.0)
    clock.now = 9.9
    assert await cache.get("a") == remembered("1")
    clock.now = 10.0

    assert await cache.get("a") is None


async def test_memory_is_bounded_and_the_longest_unused_goes_first() -> None:
    size = remembered("x" * 100).size
    cache = MemoryCache(Clock(), max_bytes=2 * size)
    await cache.put("a", remembered("a" * 100), 10.0)
    await cache.put("b", remembered("b" * 100), 10.0)
    await cache.get("a")
    await cache.put("a", remembered("A" * 100), 10.0)
    await cache.put("c", remembered("c" * 100), 10.0)
    await cache.put("huge", remembered("h" * 10_000), 10.0)

    kept = {key for key in ("a", "b", "c", "huge") if await cache.get(key)}
    assert kept == {"a", "c"}


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0.5},
        {"max_output_tokens": 5},
        {"route": (Target("here", "model-2"),)},
        {"text": "Do you ship to Norway!"},
    ],
)
def test_whatever_could_change_the_answer_changes_the_key(changes: dict[str, object]) -> None:
    text = str(changes.pop("text", "Do you ship to Norway?"))

    assert cache_key(ask(text, **changes), RULE) != cache_key(ask(), RULE)


def test_what_could_not_change_the_answer_does_not_change_the_key() -> None:
    same = ask(labels={"reply": "7"}, scopes={"address": "::1"}, deadline_seconds=5.0)

    assert cache_key(same, RULE) == cache_key(ask(), RULE)


def test_a_key_holds_no_word_of_the_question() -> None:
    assert "Norway" not in cache_key(ask(), RULE)
