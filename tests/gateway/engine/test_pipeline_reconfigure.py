"""Keys and providers that change under calls which run and wait."""

from __future__ import annotations

import asyncio

import pytest

from gateway.engine.config import Pool
from gateway.engine.errors import NoKeyError
from tests.gateway.engine.conftest import GatewayFactory, ScriptedFactory, text_of
from tests.gateway.engine.upstreams import (
    STOP,
    answers,
    ask,
    events,
    good_stream,
    provider,
    streams,
    word,
)


async def test_keys_are_swapped_under_running_streams_and_none_breaks(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    slow = streams(*(events(word("w")) for _ in range(20)), events(STOP), then=0.02)
    server = await scripted(slow)
    gateway = gateway_of(provider(server.url, "old"))
    calls = [asyncio.create_task(text_of(gateway)) for _ in range(50)]
    await asyncio.sleep(0.1)
    for name in ("new 1", "new 2", "new 3"):
        await gateway.reconfigure([provider(server.url, name)])
        calls.append(asyncio.create_task(text_of(gateway)))
        await asyncio.sleep(0.05)

    assert await asyncio.gather(*calls) == ["w" * 20] * 53
    assert [request.key for request in server.received[-3:]] == ["new 1", "new 2", "new 3"]


async def test_a_provider_that_moves_keeps_its_old_connections_until_the_last_stream_ends(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    slow = streams(*(events(word("w")) for _ in range(5)), events(STOP), then=0.05)
    old, new = await scripted(slow), await scripted(good_stream)
    gateway = gateway_of(provider(old.url))
    running = asyncio.create_task(text_of(gateway))
    await asyncio.sleep(0.05)
    await gateway.reconfigure([provider(new.url)])

    assert await text_of(gateway) == "We ship there."
    assert await running == "w" * 5
    for _ in range(100):
        if not old.open_connections:
            break
        await asyncio.sleep(0.01)
    assert old.open_connections == 0


async def test_a_call_that_waits_goes_to_where_its_provider_has_moved(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    old, new = await scripted(streams(events(word("w")), then=None)), await scripted(good_stream)
    one = Pool(connections=1, idle=1)
    gateway = gateway_of(provider(old.url, pool=one))
    first = gateway.stream(ask())
    await anext(first)
    waiting = [asyncio.create_task(text_of(gateway)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await gateway.reconfigure([provider(new.url, pool=one)])

    assert await asyncio.gather(*waiting) == ["We ship there."] * 3
    await first.aclose()


async def test_a_call_between_two_attempts_goes_there_too_or_learns_that_it_is_gone(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    old = await scripted(answers(b"{}", "500 Oops", "retry-after: 0.2\r\n"))
    new = await scripted(good_stream)
    gateway = gateway_of(provider(old.url))
    moved = asyncio.create_task(text_of(gateway))
    await asyncio.sleep(0.1)
    await gateway.reconfigure([provider(new.url)])
    assert await moved == "We ship there."

    await gateway.reconfigure([provider(old.url)])
    lost = asyncio.create_task(text_of(gateway))
    await asyncio.sleep(0.1)
    await gateway.reconfigure([])
    with pytest.raises(NoKeyError, match="gone"):
        await lost


async def test_a_provider_that_is_gone_closes_at_once_when_nobody_speaks(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))
    await text_of(gateway)
    await gateway.reconfigure([])
    await asyncio.sleep(0.05)

    assert server.open_connections == 0
    assert gateway.key_health() == {}
