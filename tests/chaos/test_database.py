"""R13, R14: a database that is locked or full is told honestly, and costs nothing acknowledged."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.pulse import pulse
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
    talker, others = await _talker_and_others(world)
    await talker.answered(await talker.say(world.line(words=3).question))
    with _locked(world):
        await talker.say(world.line(words=20).question)
        lag = await pulse(others, seconds=3, share=0.9)
    await world.prove()
    assert not talker.errors
    assert lag < LAG_SECONDS


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
    talker, others = await _talker_and_others(world)
    running = await talker.say(world.line(words=100).question)
    await talker.acknowledged()
    late = others[0]
    with _locked(world):
        await late.say(world.line(words=20).question)
        lag = await pulse(others[1:], seconds=30, share=0.9)
    assert [error["code"] for error in late.errors][:1] == ["not_saved"]
    assert (await talker.answered(running))["status"] == "complete"
    await world.prove()
    assert lag < LAG_SECONDS


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


async def _talker_and_others(world: World) -> tuple[Browser, list[Browser]]:
    talker, *others = [world.browser() for _ in range(10)]
    for browser in (talker, *others):
        await browser.welcomed()
    return talker, others
