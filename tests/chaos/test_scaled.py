"""R1, R2, R4, R5, R6, R12 on two processes, PostgreSQL and Redis."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.services import Postgres
from tests.chaos.test_kill import chat, recovered
from tests.chaos.world import World

KILLS = 50 if IS_LONG else 3
VISITORS = 6
RECOVERED_SECONDS = 15.0
CLOSED_SECONDS = 1.0
HEALTHY_SECONDS = 10.0
REPLIES = 50


async def test_killing_either_process_loses_and_doubles_nothing(scaled: World) -> None:
    browsers = [
        scaled.browser(scaled.address(scaled.sites[number % 2])) for number in range(VISITORS)
    ]
    chatter = [asyncio.create_task(chat(scaled, browser)) for browser in browsers]
    slowest = 0.0
    for _ in range(KILLS):
        await asyncio.sleep(scaled.rng.uniform(0.05, 2))
        site = scaled.rng.choice(scaled.sites)
        dead = site.pid
        await site.kill()
        killed_at = time.monotonic()  # the other process is up: the clock runs at once
        await site.start()
        slowest = max(slowest, await recovered(scaled, dead, killed_at, RECOVERED_SECONDS))
    for task in chatter:
        task.cancel()
    await asyncio.gather(*chatter, return_exceptions=True)
    await scaled.prove()
    print(f"{KILLS} kills, slowest recovery {slowest:.1f} s")  # noqa: T201 - for the record


async def test_a_process_that_was_frozen_and_wakes_up_changes_nothing(scaled: World) -> None:
    frozen, other = scaled.sites
    browsers = [scaled.browser(scaled.address(frozen)) for _ in range(VISITORS)]
    for browser in browsers:
        await browser.welcomed()
        await browser.say(scaled.line(words=1_000, pace_ms=15).question)
        await browser.until(lambda browser=browser: browser.heard(2))  # type: ignore[misc]  # mypy cannot infer defaults
    frozen.signal(signal.SIGSTOP)
    for browser in browsers:
        await browser.leave()
        browser.address = scaled.address(other)
        browser.open()
    for browser in browsers:
        await browser.until(lambda browser=browser: _is_second_attempt(browser))  # type: ignore[misc]  # as above
        await browser.stop(2)
    await scaled.rest()
    before = await scaled.rows()
    frozen.signal(signal.SIGCONT)  # it finds all of the first attempt in its sockets
    await asyncio.sleep(3)
    assert await scaled.rows() == before
    assert [(row.status, row.attempt) for row in before if row.attempt] == [
        ("stopped", 2)
    ] * VISITORS
    await scaled.prove()


def _is_second_attempt(browser: Browser) -> bool:
    words = browser.transcript.words.get(2)
    return words is not None and words.attempt == 2


async def test_stop_from_another_process_ends_the_call_upstream(scaled: World) -> None:
    talker = scaled.browser(scaled.address(scaled.sites[0]))
    await talker.welcomed()
    message_id = await talker.say(scaled.line(words=1_000).question)
    await talker.until(lambda: talker.heard(2) > 200)
    other = scaled.browser(scaled.address(scaled.sites[1]), token_of=talker)
    await other.until(lambda: other.heard(2) > 200)
    stopped_at = time.monotonic()
    await other.stop(2)
    assert (await talker.answered(message_id))["status"] == "stopped"
    (call,) = await scaled.calls()
    assert call.closed_at
    assert call.closed_at - stopped_at < CLOSED_SECONDS
    await scaled.prove()


async def test_fifty_repeats_at_two_processes_are_one_message(scaled: World) -> None:
    first = scaled.browser()
    await first.welcomed()
    tabs = [
        scaled.browser(scaled.address(scaled.sites[number % 2]), token_of=first)
        for number in range(10)
    ]
    for tab in tabs:
        await tab.welcomed()
    text, message_id = scaled.line().question, "6f6c1f9c-4f58-4c3b-9a52-5f0c7d0e3b11"
    await asyncio.gather(*(tabs[turn % 10].say(text, message_id) for turn in range(50)))
    for tab in tabs:
        await tab.answered(message_id)
    assert Counter(row.author for row in await scaled.rows()) == {"customer": 1, "assistant": 1}
    await scaled.prove()


async def test_postgresql_crashes_under_fifty_replies(scaled: World, postgres: Postgres) -> None:
    browsers = [
        scaled.browser(scaled.address(scaled.sites[number % 2])) for number in range(REPLIES)
    ]
    for browser in browsers:
        await browser.welcomed()
        await browser.say(scaled.line(words=100, pace_ms=30).question)
    await asyncio.sleep(1)
    await asyncio.to_thread(postgres.crash)
    up_at = time.monotonic()
    for browser in browsers:
        await browser.say(scaled.line(words=5).question)
    for site in scaled.sites:
        assert await site.ready() - up_at < HEALTHY_SECONDS
    await scaled.prove()
