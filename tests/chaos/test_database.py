"""R13, R14: a database that is locked or full is told honestly, and costs nothing acknowledged."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.world import World

LAG_SECONDS = 0.1


@contextmanager
def _locked(world: World) -> Iterator[None]:
    """Hold the database's write lock, as a backup or a curious operator would."""
    path = urlsplit(world.database_url).path.removeprefix("/")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_short_lock_is_only_a_wait(world: World) -> None:
    talker, listener = await _pair(world)
    await talker.answered(await talker.say(world.line(words=3).question))
    with _locked(world):
        await talker.say(world.line(words=20).question)
        pauses = await _pings(listener, seconds=3)
    await world.prove()
    assert not talker.errors
    assert pauses[len(pauses) * 9 // 10] < LAG_SECONDS


async def test_a_lock_that_meets_a_reply_costs_it_nothing(world: World) -> None:
    talker = world.browser()
    await talker.welcomed()
    message_id = await talker.say(world.line(words=60).question)
    await talker.until(lambda: talker.heard(2) > 50)
    with _locked(world):
        await asyncio.sleep(4)  # the reply ends meanwhile
    assert (await talker.answered(message_id))["status"] == "complete"
    await world.prove()
    assert len(await world.calls()) == 1


@pytest.mark.skipif(not IS_LONG, reason="takes a minute: make chaos")
async def test_a_long_lock_is_said_honestly_and_saved_later(world: World) -> None:
    talker, listener = await _pair(world)
    running = await talker.say(world.line(words=100).question)
    await talker.acknowledged()
    late, _ = await _pair(world)
    with _locked(world):
        await late.say(world.line(words=20).question)
        pauses = await _pings(listener, seconds=30)
    assert [error["code"] for error in late.errors][:1] == ["not_saved"]
    assert (await talker.answered(running))["status"] == "complete"
    await world.prove()
    assert pauses[len(pauses) * 9 // 10] < LAG_SECONDS


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of sixteen megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603 - as it says
        pytest.skip("no right to mount a small disk here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S603, S607 - as above


async def test_a_full_disk_acknowledges_nothing_and_recovers_by_itself(
    prepared: Path, small_disk: Path, tmp_path: Path, seed: int
) -> None:
    shutil.copy(prepared, small_disk / "db.sqlite3")
    ballast = small_disk / "ballast"
    database_url = f"sqlite:///{small_disk}/db.sqlite3"
    async with World(tmp_path, database_url, random.Random(seed)) as world:
        talker = world.browser()
        await talker.welcomed()
        await talker.answered(await talker.say(world.line(words=5).question))
        before = await world.rows()
        running = await talker.say(world.line(words=50).question)
        await talker.until(lambda: talker.heard(4))
        _fill(ballast)
        refused = await talker.say(world.line(words=5).question)
        await talker.until(lambda: talker.errors)
        assert talker.errors[0]["code"] == "not_saved"
        assert refused in talker.outbox
        await asyncio.sleep(2)  # the reply that runs ends meanwhile
        ballast.unlink()
        await talker.answered(refused)
        assert (await talker.answered(running))["status"] == "complete"
        assert (await world.rows())[: len(before)] == before
        await world.prove()


def _fill(ballast: Path) -> None:
    """Write until nothing goes onto the disk any more."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            pass


async def _pair(world: World) -> tuple[Browser, Browser]:
    pair = world.browser(), world.browser()
    for browser in pair:
        await browser.welcomed()
    return pair


async def _pings(browser: Browser, seconds: float) -> list[float]:
    """Return how long pongs took, the shortest first."""
    pauses = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        sent_at, frames = time.monotonic(), len(browser.frames)
        await browser.tell(type="ping")
        await browser.until(lambda frames=frames: len(browser.frames) > frames)
        pauses.append(time.monotonic() - sent_at)
        await asyncio.sleep(0.02)
    return sorted(pauses)
