"""R6: two tabs of one visitor show the same, whatever is done in either."""

from __future__ import annotations

import asyncio

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.world import World

DEEDS = 120 if IS_LONG else 25


async def test_two_tabs_that_send_stop_and_reload_show_the_same(world: World) -> None:
    one = world.browser()
    await one.welcomed()
    await one.answered(await one.say(world.line(words=5).question))
    two = world.browser(token_of=one)
    await two.welcomed()
    for _ in range(DEEDS):
        await _do_something(world, world.rng.choice((one, two)))
        await asyncio.sleep(world.rng.uniform(0, 0.4))
    await world.prove()
    last = max(max(tab.transcript.messages) for tab in (one, two))
    for tab in (one, two):
        await _catch_up(tab, last)
    assert one.transcript.digest() == two.transcript.digest()


async def test_a_second_message_waits_for_the_first_ones_reply(world: World) -> None:
    one = world.browser()
    await one.welcomed()
    first = await one.say(world.line(words=50).question)
    await one.acknowledged()
    two = world.browser(token_of=one)
    await two.welcomed()
    second = await two.say(world.line(words=5).question)
    await two.answered(second)
    assert two.transcript.is_final(two.transcript.reply_to(first) or 0)
    before, after = await world.calls()
    assert before.closed_at
    assert before.closed_at <= after.opened_at
    await world.prove()


async def _catch_up(tab: Browser, last: int) -> None:
    """Wait for the end of the last answer, and fetch what is older than a reload brings."""
    await tab.until(lambda: tab.transcript.is_final(last))
    while (oldest := min(tab.transcript.messages)) > 1:
        await tab.tell(type="history", before=oldest)
        await tab.told_of(oldest - 1)


async def _do_something(world: World, tab: Browser) -> None:
    await tab.welcomed()
    match world.rng.choice(("send", "send", "stop", "reload")):
        case "send":
            await tab.say(world.line(words=world.rng.randint(1, 30)).question)
        case "stop":
            await tab.stop(2 * world.rng.randint(1, max(1, len(tab.transcript.messages) // 2)))
        case "reload":
            await tab.reload()
