"""R5: a message that is sent fifty times is one message with one reply."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.chaos.browser import Browser
from tests.chaos.world import World

REPEATS = 50
TABS = 10


async def test_fifty_repeats_at_once_and_over_a_restart_are_one_message(world: World) -> None:
    tabs = await _tabs(world)
    text, message_id = world.line().question, "6f6c1f9c-4f58-4c3b-9a52-5f0c7d0e3b11"
    await asyncio.gather(*(tabs[turn % TABS].say(text, message_id) for turn in range(REPEATS)))
    for tab in tabs:
        await tab.acknowledged()
    await world.site.kill()
    for tab in tabs:
        await tab.say(text, message_id)
    await world.site.start()
    for tab in tabs:
        await tab.answered(message_id)
    assert Counter(row.author for row in await world.rows()) == {"customer": 1, "assistant": 1}
    await world.prove()


async def test_the_same_id_with_other_text_is_a_conflict_and_changes_nothing(world: World) -> None:
    browser = world.browser()
    await browser.welcomed()
    text = world.line(words=3).question
    message_id = await browser.say(text)
    await browser.answered(message_id)
    await browser.tell(type="send", id=message_id, text=world.line().question)
    await browser.until(lambda: browser.refused)
    assert [refusal["code"] for refusal in browser.refused] == ["message_conflict"]
    assert [row.text for row in await world.rows() if row.author == "customer"] == [text]
    await world.prove()


async def _tabs(world: World) -> list[Browser]:
    first = world.browser()
    await first.welcomed()
    tabs = [first, *(world.browser(token_of=first) for _ in range(TABS - 1))]
    for tab in tabs:
        await tab.welcomed()
    return tabs
