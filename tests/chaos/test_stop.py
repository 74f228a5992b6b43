"""R4: "stop" closes the socket upstream within a second and keeps what was said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from tests.chaos.browser import Browser
from tests.chaos.transcript import utf16
from tests.chaos.world import World

CLOSED_SECONDS = 1.0


async def _at_once(browser: Browser) -> None:
    """Stop while online."""


async def _after_a_loss(browser: Browser) -> None:
    await browser.leave()
    await asyncio.sleep(0.3)
    browser.open()


async def _after_a_reload(browser: Browser) -> None:
    await browser.reload()


@pytest.mark.parametrize("first", [_at_once, _after_a_loss, _after_a_reload])
async def test_stop_ends_the_call_upstream_and_keeps_the_text(
    world: World, first: Callable[[Browser], Awaitable[None]]
) -> None:
    browser = world.browser()
    await browser.welcomed()
    line = world.line(words=1_000, pace_ms=20)
    message_id = await browser.say(line.question)
    await browser.until(lambda: browser.heard(2) > 200)
    await first(browser)
    await browser.welcomed()
    await browser.told_of(2)
    stopped_at = time.monotonic()
    await browser.stop(2)
    reply = await browser.answered(message_id)
    assert reply["status"] == "stopped"
    (call,) = await world.calls()
    while call.closed_at is None:
        (call,) = await world.calls()
        assert time.monotonic() - stopped_at < CLOSED_SECONDS + 1
        await asyncio.sleep(0.02)
    assert call.closed_at - stopped_at < CLOSED_SECONDS
    assert not call.is_complete
    (stored,) = [row.text for row in await world.rows() if row.author == "assistant"]
    assert utf16(stored) > 200
    await world.prove()
