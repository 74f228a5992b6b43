"""R1, R2: a killed process loses nothing that was acknowledged and leaves nothing running."""

from __future__ import annotations

import asyncio
import time

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.world import World

KILLS = 100 if IS_LONG else 5
VISITORS = 6
RECOVERED_SECONDS = 5.0


async def test_kill_at_any_moment_loses_and_doubles_nothing(world: World) -> None:
    browsers = [world.browser() for _ in range(VISITORS)]
    chatter = [asyncio.create_task(chat(world, browser)) for browser in browsers]
    slowest = 0.0
    for _ in range(KILLS):
        await asyncio.sleep(world.rng.uniform(0.05, 1.5))
        dead = world.site.pid
        await world.site.kill()
        slowest = max(slowest, await recovered(world, dead, await world.site.start()))
    for task in chatter:
        task.cancel()
    await asyncio.gather(*chatter, return_exceptions=True)
    await world.prove()
    print(f"{KILLS} kills, slowest recovery {slowest:.1f} s")  # noqa: T201 - for the record


async def chat(world: World, browser: Browser) -> None:
    """Send for ever: sometimes after the reply, sometimes into it."""
    while True:
        message_id = await browser.say(world.line(world.rng.randint(1, 40)).question)
        if world.rng.random() < 0.6:
            await browser.answered(message_id, 60)
        await asyncio.sleep(world.rng.uniform(0, 0.3))


async def recovered(
    world: World, dead: int, since: float, limit_seconds: float = RECOVERED_SECONDS
) -> float:
    """Return how long it took until nothing was left to a dead process.

    Raises:
        AssertionError: It took longer than it may.
    """
    while True:
        left = [
            row for row in await world.rows() if row.status == "running" and row.owner_pid == dead
        ]
        took_seconds = time.monotonic() - since
        if not left:
            return took_seconds
        assert took_seconds < limit_seconds, f"left running: {left}"
        await asyncio.sleep(0.1)
