"""R11: Redis killed, emptied or frozen costs no word, and hardly any time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine

import pytest

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.services import Redis
from tests.chaos.world import World

FROZEN_SECONDS = 30 if IS_LONG else 4
DELAY_SECONDS = 0.25
PUSH_SECONDS = 5.0
NOISE_SECONDS = 0.25  # what a busy machine may add to the delay


async def _kill(redis: Redis) -> None:
    redis.end()
    await asyncio.sleep(2)
    redis.start()


async def _flush(redis: Redis) -> None:
    redis.flush()


async def _freeze(redis: Redis) -> None:
    redis.freeze()
    await asyncio.sleep(FROZEN_SECONDS)
    redis.thaw()


@pytest.mark.parametrize("fault", [_kill, _flush, _freeze])
async def test_a_fault_of_redis_loses_no_word(
    scaled: World, redis: Redis, fault: Callable[[Redis], Coroutine[None, None, None]]
) -> None:
    pairs = [await _pair(scaled) for _ in range(5)]
    usual = max([await _acknowledged(scaled, talker) for talker, _ in pairs])
    for talker, _ in pairs:
        await talker.say(scaled.line(words=150, pace_ms=20).question)
    await asyncio.sleep(1)
    harm = asyncio.create_task(fault(redis))
    await asyncio.sleep(0.3)
    delays = [await _acknowledged(scaled, talker) for talker, _ in pairs]
    await harm
    assert max(delays) < usual + DELAY_SECONDS + NOISE_SECONDS
    await scaled.prove()
    for talker, listener in pairs:
        await listener.told_of(max(talker.transcript.messages))
        await listener.until(listener.is_at_rest)
        assert talker.transcript.digest() == listener.transcript.digest()
    assert max([await _pushed(scaled, *pair) for pair in pairs]) < PUSH_SECONDS


async def _pair(world: World) -> tuple[Browser, Browser]:
    """Two tabs of a visitor, each at another process."""
    talker = world.browser(world.address(world.sites[0]))
    await talker.welcomed()
    await talker.answered(await talker.say(world.line(words=2).question))
    listener = world.browser(world.address(world.sites[1]), token_of=talker)
    await listener.welcomed()
    return talker, listener


async def _acknowledged(world: World, talker: Browser) -> float:
    """Send, and return how long the acknowledgement took."""
    sent_at = time.monotonic()
    await talker.say(world.line(words=3).question)
    await talker.acknowledged()
    return time.monotonic() - sent_at


async def _pushed(world: World, talker: Browser, listener: Browser) -> float:
    """Send at one process, and return how long the other took to hear the first words."""
    position = max(talker.transcript.messages) + 2
    sent_at = time.monotonic()
    await talker.say(world.line(words=100, pace_ms=20).question)
    await listener.until(lambda: listener.heard(position))
    return time.monotonic() - sent_at
