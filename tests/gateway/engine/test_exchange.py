"""The order of things within one answer: slow readers, late ends, blank beginnings."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.engine.config import Clocks
from gateway.engine.errors import StreamBrokenError
from gateway.engine.pipeline import Settings
from gateway.engine.pump import BUFFERED_ITEMS
from gateway.engine.retry import RetryPolicy
from gateway.engine.types import Finished, Started, TextDelta
from gateway.sandbox import faults
from gateway.sandbox.faults import Hold, Send
from tests.gateway.engine.conftest import GatewayFactory, ScriptedFactory
from tests.gateway.engine.faults.leaks import nothing_is_left
from tests.gateway.engine.upstreams import STOP, ask, events, plays, provider, streams, word

SETTINGS = Settings(clocks=Clocks(idle=0.2, closing=0.1), retry=RetryPolicy(attempts=1))


async def test_a_slow_reader_is_waited_for_and_gets_every_word(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    count = 4 * BUFFERED_ITEMS  # each is read by itself, for what is read together is one item
    server = await scripted(streams(*[events(word("x" * 500))] * count, events(STOP)))
    gateway = gateway_of(provider(server.url), settings=SETTINGS)
    text = ""
    async for chunk in gateway.stream(ask()):
        if isinstance(chunk, Started):
            await asyncio.sleep(0.5)  # longer than the provider may be silent
        elif isinstance(chunk, TextDelta):
            text += chunk.text

    assert text == "x" * 500 * count


async def test_an_answer_is_over_with_its_end_marker_though_the_body_goes_on(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    said = faults.word("We ship there.") + faults.finish("stop") + faults.DONE
    babble = Send(faults.KEEP_ALIVE, 1000, 0.01)
    server = await scripted(plays((Send(faults.HEAD + said), babble)))
    gateway = gateway_of(provider(server.url), settings=SETTINGS)
    began = time.monotonic()

    chunks = [chunk async for chunk in gateway.stream(ask())]

    assert isinstance(chunks[-1], Finished)
    assert time.monotonic() - began < 1.0
    await nothing_is_left(gateway, server)


async def test_a_connection_serves_again_though_its_body_ends_later_than_the_answer(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    said = faults.word("We ship there.") + faults.finish("stop") + faults.DONE
    server = await scripted(plays((Send(faults.HEAD + said, pause_seconds=0.05), Send(faults.END))))
    gateway = gateway_of(provider(server.url))
    for _ in range(3):
        assert [chunk async for chunk in gateway.stream(ask())]
        await nothing_is_left(gateway, server)

    assert server.accepted == 1


async def test_a_body_that_babbles_on_after_the_end_marker_is_not_heard_out(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    said = faults.word("We ship there.") + faults.finish("stop") + faults.DONE
    babble = Send(faults.chunked(b":" * 30_000), 1000, 0.001)
    server = await scripted(plays((Send(faults.HEAD + said), babble)))
    patient = Settings(clocks=Clocks(closing=30.0))
    gateway = gateway_of(provider(server.url), settings=patient)

    assert [chunk async for chunk in gateway.stream(ask())]
    await nothing_is_left(gateway, server)


async def test_a_body_that_hangs_after_the_end_marker_costs_its_connection_only(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    said = faults.word("We ship there.") + faults.finish("stop") + faults.DONE
    server = await scripted(plays((Send(faults.HEAD + said), Hold())))
    gateway = gateway_of(provider(server.url), settings=SETTINGS)
    for _ in range(2):
        chunks = [chunk async for chunk in gateway.stream(ask())]
        assert isinstance(chunks[-1], Finished)
        await nothing_is_left(gateway, server)

    assert server.accepted == 2


async def test_usage_that_never_comes_is_not_waited_for_long(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    babble = Send(faults.KEEP_ALIVE, 1000, 0.02)
    said = faults.HEAD + faults.word("We ship there.") + faults.finish("stop")
    server = await scripted(plays((Send(said), babble)))
    gateway = gateway_of(provider(server.url), settings=SETTINGS)
    began = time.monotonic()

    chunks = [chunk async for chunk in gateway.stream(ask())]

    assert chunks[-1] == Finished(chunks[-1].reason, None)  # type: ignore[union-attr]  # it would not be equal
    assert time.monotonic() - began < 1.0


async def test_blank_lines_before_the_answer_are_no_part_of_it(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    blank = [b"\n", b" \n", b"\n\n"]
    server = await scripted(streams(*blank, events(word("We ship there."), STOP), then=0.02))

    chunks = [chunk async for chunk in gateway_of(provider(server.url)).stream(ask())]

    assert chunks[1] == TextDelta("We ship there.")


async def test_a_body_of_nothing_but_blanks_is_no_answer(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(b"\n", b"\n"))
    gateway = gateway_of(provider(server.url), settings=SETTINGS)

    with pytest.raises(StreamBrokenError):
        await anext(gateway.stream(ask()))


async def test_words_that_follow_closely_are_handed_on_together_but_the_first_at_once(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    first, *others = (events(word(f"{number} ")) for number in range(31))
    server = await scripted(streams(first, *others, events(STOP), then=0.01))
    gateway = gateway_of(provider(server.url), settings=Settings(clocks=Clocks(gather=0.3)))
    pieces = [chunk.text async for chunk in gateway.stream(ask()) if isinstance(chunk, TextDelta)]

    assert pieces[0] == "0 "
    assert len(pieces) < 16
    assert "".join(pieces) == "".join(f"{number} " for number in range(31))


async def test_an_answer_that_breaks_off_hands_on_what_has_gathered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    script = [Send(faults.word(f"{number} "), pause_seconds=0.01) for number in range(3)]
    server = await scripted(plays((Send(faults.HEAD), *script)))
    gateway = gateway_of(
        provider(server.url), settings=Settings(clocks=Clocks(gather=30.0, idle=0.5))
    )
    said = ""

    async def listen() -> None:
        nonlocal said
        async for chunk in gateway.stream(ask()):
            said += chunk.text if isinstance(chunk, TextDelta) else ""

    with pytest.raises(StreamBrokenError):
        await listen()
    assert said == "0 1 2 "
