"""R1, R2: a killed process loses nothing that was acknowledged and leaves nothing running."""

from __future__ import annotations

import asyncio
import time

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.world import World

KILLS = 100 if IS_LONG else 6
VISITORS = 6
RECOVERED_SECONDS = 5.0


async def test_kill_at_any_moment_loses_and_doubles_nothing(world: World) -> None:
    browsers = [world.browser() for _ in range(VISITORS)]
    chatter = [asyncio.create_task(_chat(world, browser)) for browser in browsers]
    slowest = 0.0
    for _ in range(KILLS):
        await asyncio.sleep(world.rng.uniform(0.05, 1.5))
        dead = world.site.pid
        await world.site.kill()
        slowest = max(slowest, await _recovered(world, dead, await world.site.start()))
    for task in chatter:
        task.cancel()
    await asyncio.gather(*chatter, return_exceptions=True)
    await world.prove()
    print(f"{KILLS} kills, slowest recovery {slowest:.1f} s")  # noqa: T201 - for the record


async def _chat(world: World, browser: Browser) -> None:
    """Send for ever: sometimes after the reply, sometimes into it."""
    while True:
        message_id = await browser.say(world.line(world.rng.randint(1, 40)).question)
        if world.rng.random() < 0.6:
            await browser.answered(message_id, 60)
        await asyncio.sleep(world.rng.uniform(0, 0.3))


async def _recovered(world: World, dead: int, ready_at: float) -> float:
    """Return how long it took until nothing was left to a dead process.

    Raises:
        AssertionError: It took longer than it may.
    """
    while True:
        left = [
            row for row in await world.rows() if row.status == "running" and row.owner_pid == dead
        ]
        took_seconds = time.monotonic() - ready_at
        if not left:
            return took_seconds
        assert took_seconds < RECOVERED_SECONDS, f"left running: {left}"
        await asyncio.sleep(0.1)
