"""Three processes behind a real nginx: each is killed, drained and replaced under running chats."""

from __future__ import annotations

import asyncio
import secrets
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.services import Postgres, Redis
from tests.chaos.world import World
from tests.free_port import port_free
from tests.nginx import Nginx, changed, site_config

CHATS = 100 if IS_LONG else 30
PROCESSES = 3
# Whose turn it is; the short form takes one of each kind, and all three processes once.
KILLS = [*range(PROCESSES)] * 5 if IS_LONG else [0]
DRAINS = [*range(PROCESSES)] * 5 if IS_LONG else [1, 2]
SERVICE_RESTART = 1012


@pytest.fixture
async def rolling(
    postgres: Postgres, redis: Redis, tmp_path: Path, seed: int
) -> AsyncIterator[tuple[World, int]]:
    """Three processes on PostgreSQL and Redis, and the port of the nginx before them."""
    database = f"chaos_{secrets.token_hex(4)}"
    postgres.execute(f"CREATE DATABASE {database} TEMPLATE prepared")
    environ = {"REDIS_URL": redis.url, "PROCESSES": str(PROCESSES)}
    nginx = Nginx(tmp_path, port_free())
    async with World(
        tmp_path, postgres.url(database), Random(seed), sites=PROCESSES, environ=environ
    ) as world:
        servers = [f"127.0.0.1:{site.port}" for site in world.sites]
        config = site_config(tmp_path, port=nginx.port, plain_port=port_free(), servers=servers)
        try:
            await asyncio.to_thread(nginx.start, _without_tls(config, nginx.port))
            yield world, nginx.port
        finally:
            await asyncio.to_thread(nginx.stop)


def _without_tls(config: str, port: int) -> str:
    """Return the configuration without the one thing that would only cost time here."""
    lines = [line for line in config.splitlines() if not line.startswith("    ssl_")]
    listen = f"    listen 127.0.0.1:{port}"
    return changed("\n".join(lines), {f"{listen} ssl http2;": f"{listen};"})


async def _chat(world: World, browser: Browser) -> None:
    """Ask, read the answer and ask again, until cancelled."""
    await browser.welcomed()
    while True:
        question = world.line(words=world.rng.randint(20, 80), pace_ms=30).question
        await browser.answered(await browser.say(question), 120.0)


async def _killed(world: World, place: int) -> None:
    """Kill a process, and start another in its place."""
    site = world.sites[place]
    await asyncio.sleep(world.rng.uniform(0.5, 2))
    await site.kill()
    await site.start()


async def _drained(world: World, place: int) -> float:
    """Let a process drain, start another in its place, and return how long the drain took."""
    site = world.sites[place]
    await asyncio.sleep(world.rng.uniform(0.5, 2))
    begun = time.monotonic()
    site.signal(signal.SIGTERM)
    assert await site.ended() == 0
    took_seconds = time.monotonic() - begun
    await site.start()
    return took_seconds


async def test_each_of_three_processes_is_killed_drained_and_replaced_and_nothing_is_lost(
    rolling: tuple[World, int],
) -> None:
    world, port = rolling
    browsers = [world.browser(world.address(port=port)) for _ in range(CHATS)]
    chatter = [asyncio.create_task(_chat(world, browser)) for browser in browsers]
    for browser in browsers:
        await browser.welcomed()
    for place in KILLS:
        await _killed(world, place)
    drains = [await _drained(world, place) for place in DRAINS]
    for task in chatter:
        task.cancel()
    ended = await asyncio.gather(*chatter, return_exceptions=True)
    assert [error for error in ended if not isinstance(error, asyncio.CancelledError)] == []
    await world.prove()
    closes = [code for browser in browsers for code in browser.closes]
    assert SERVICE_RESTART in closes  # nginx passes on what a process says as it goes
    accepted = sum(sent.place is not None for sent in world.history.messages.values())
    print(  # noqa: T201 - for the record
        f"{CHATS} chats, {accepted} messages acknowledged, {len(KILLS)} kills, "
        f"{len(drains)} drains of up to {max(drains):.1f} s, {len(closes)} sockets closed"
    )
