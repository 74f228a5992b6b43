"""R15: a deploy under running chats tells every socket to come back, and loses nothing."""

from __future__ import annotations

import asyncio
import signal

from tests.chaos.conftest import IS_LONG
from tests.chaos.world import World

DEPLOYS = 20 if IS_LONG else 2
CHATS = 50
SERVICE_RESTART = 1012


async def test_deploys_under_fifty_chats_close_with_1012_and_lose_nothing(world: World) -> None:
    browsers = [world.browser() for _ in range(CHATS)]
    for _ in range(DEPLOYS):
        for browser in browsers:
            await browser.welcomed()
            await browser.say(world.line(words=world.rng.randint(10, 80)).question)
        await asyncio.sleep(world.rng.uniform(0.1, 1.5))
        before = [len(browser.closes) for browser in browsers]
        world.site.signal(signal.SIGTERM)
        assert await world.site.ended() == 0
        codes = [browser.closes[seen] for browser, seen in zip(browsers, before, strict=True)]
        assert codes == [SERVICE_RESTART] * CHATS
        await world.site.start()
    await world.prove()
    assert "Traceback" not in world.site.log
