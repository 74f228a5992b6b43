"""A route: which provider is asked next, and which never."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from gateway.engine.errors import InvalidRequestError, NoKeyError
from gateway.engine.types import Started, Target
from tests.gateway.engine.conftest import QUICK_RETRIES, Diary, GatewayFactory, ScriptedFactory
from tests.gateway.engine.upstreams import HERE, answers, ask, good_stream, good_whole, provider


async def test_a_route_goes_on_to_the_next_provider_before_the_first_chunk(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    down = await scripted(answers(b"{}", "503 Service Unavailable"))
    up = await scripted(good_stream)
    gateway = gateway_of(
        replace(provider(down.url), name="down"), provider(up.url), settings=QUICK_RETRIES
    )
    route = (Target("unknown", "m"), Target("down", "model-0"), HERE)

    chunks = [chunk async for chunk in gateway.stream(ask(route=route))]

    assert isinstance(chunks[0], Started)
    assert chunks[0].target == HERE
    asked = [attempt.target.provider for attempt in diary.calls[0].attempts]
    assert asked == ["down", "down", "down", "here"]
    assert up.received[0].json["model"] == "model-1"


async def test_no_other_provider_is_asked_for_what_is_the_callers_fault(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    strict = await scripted(answers(b"{}", "400 Bad Request"))
    other = await scripted(good_whole)
    gateway = gateway_of(replace(provider(strict.url), name="strict"), provider(other.url))

    with pytest.raises(InvalidRequestError):
        await gateway.complete(ask(route=(Target("strict", "m"), HERE)))
    assert not other.received


async def test_a_route_does_not_wait_for_a_key_while_there_is_another_way(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    throttled = await scripted(answers(b"{}", "429 Too Many", "retry-after: 20\r\n"))
    other = await scripted(good_whole)
    gateway = gateway_of(replace(provider(throttled.url), name="slow"), provider(other.url))
    began = time.monotonic()

    completion = await gateway.complete(ask(route=(Target("slow", "m"), HERE)))

    assert completion.target == HERE
    assert time.monotonic() - began < 5.0


async def test_a_route_that_leads_nowhere_says_so(gateway_of: GatewayFactory) -> None:
    with pytest.raises(NoKeyError, match="no provider"):
        await gateway_of().complete(ask())
