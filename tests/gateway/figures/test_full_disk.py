"""A real SQLite that is full or locked: no call waits, what does not fit is counted and told."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.signals import connection_created

from gateway.db import db
from gateway.models import Call
from gateway.stores import ledger as module
from gateway.stores.ledger import Ledger
from tests.admin_world import World, world_make
from tests.gateway.figures.records import record

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="a full disk of SQLite's"),
]

ROOM, MADE = 40, 100
PAGE = "/admin/gateway/dashboard/?range=15m"


@pytest.fixture
async def ledger(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ledger]:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(module, "GATHER_SECONDS", 0.01)
    ledger = Ledger(max_waiting=ROOM)
    ledger.start()
    yield ledger
    await ledger.aclose()


@contextmanager
def each_connection(pragma: str) -> Iterator[None]:
    """Say something to SQLite on every connection that is opened from now on."""

    def say(*, connection: Any, **_: Any) -> None:
        connection.connection.execute(pragma)

    connection_created.connect(say, weak=False)
    try:
        yield
    finally:
        connection_created.disconnect(say)


def full() -> str:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages set free by tests before would be room
        cursor.execute("PRAGMA page_count")
        return f"PRAGMA max_page_count={cursor.fetchone()[0]}"


def writer_forget() -> None:
    """Have the thread that writes open its connection anew."""
    connections["default"].close()


async def told(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> float:
    """Make more calls than there is room for, and return how long the slowest had to wait."""
    slowest = 0.0
    for _ in range(MADE):
        began = time.perf_counter()
        ledger.call_ended(record(started_at=time.time() - 2))
        slowest = max(slowest, time.perf_counter() - began)
    async with asyncio.timeout(20):
        while "Calls wait to be written" not in caplog.text:
            await asyncio.sleep(0.02)
    return slowest


async def page(world: World) -> str:
    client = await db.write(world.client, "operator")
    return str((await db(client.get, PAGE)).content.decode())


async def written(world: World) -> None:
    """Prove that what had room was written, and that the rest is counted where people look."""
    async with asyncio.timeout(20):
        while await db(Call.objects.filter(widget="7").count) < ROOM:
            await asyncio.sleep(0.02)
        while "could not be written down" not in await page(world):
            await asyncio.sleep(0.05)
    html = await page(world)
    assert f"{MADE - ROOM} calls could not be written down and are missing here." in html
    assert f"{ROOM} in all" in html


async def test_a_full_disk_costs_the_oldest_calls_and_the_page_says_how_many(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    world = await db.write(world_make)
    pragma = await db(full)
    await db.write(writer_forget)
    with each_connection(pragma):
        assert await told(ledger, caplog) < 0.1
        assert not await db(Call.objects.filter(widget="7").exists)
        assert ledger.dropped == MADE - ROOM
    await db.write(writer_forget)
    await written(world)


async def test_a_locked_database_costs_the_oldest_calls_and_the_page_says_how_many(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    world = await db.write(world_make)
    is_locked, is_over = threading.Event(), threading.Event()

    def lock() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            is_locked.set()
            is_over.wait(30)
            cursor.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=lock)
    holder.start()
    assert await asyncio.to_thread(is_locked.wait, 10)
    await db.write(writer_forget)
    with each_connection("PRAGMA busy_timeout=50"):
        try:
            assert await told(ledger, caplog) < 0.1
            assert ledger.dropped == MADE - ROOM
        finally:
            is_over.set()
            await asyncio.to_thread(holder.join)
    await db.write(writer_forget)
    await written(world)
