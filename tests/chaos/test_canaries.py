"""R17: a storm of stops never carries one visitor's words to another."""

from __future__ import annotations

import asyncio
import re

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.world import World

VISITORS = 50 if IS_LONG else 20
TURNS = 20 if IS_LONG else 4
CANARY = re.compile(r"c[0-9a-f]{12}")


async def test_a_cancel_storm_never_crosses_visitors(world: World) -> None:
    browsers = [world.browser() for _ in range(VISITORS)]
    own = await asyncio.gather(*(_storm(world, browser) for browser in browsers))
    await world.prove()
    for browser, canaries in zip(browsers, own, strict=True):
        heard = set(CANARY.findall(repr(browser.frames)))
        assert canaries <= heard
        assert heard <= canaries
    statuses = [row.status for row in await world.rows()]
    assert statuses.count("stopped") > VISITORS


async def _storm(world: World, browser: Browser) -> set[str]:
    """Send and stop, at every moment there is; return the canaries of what was sent."""
    await browser.welcomed()
    canaries = set()
    for turn in range(TURNS):
        line = world.line(words=200, pace_ms=20)
        canaries.add(line.canary)
        message_id = await browser.say(line.question)
        await browser.told_of(2 * turn + 2)
        await asyncio.sleep(world.rng.choice((0, 0, 0.01, 0.1, 0.5)))
        await browser.stop(2 * turn + 2)
        await browser.answered(message_id)
    return canaries
