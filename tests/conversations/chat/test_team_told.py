"""An open chat is told of the way to a person when the office opens or closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conversations.chat import writer as module
from conversations.chat.pokes import Pokes
from conversations.chat.protocol import Frame
from conversations.chat.streamlog import MemoryStreamLog
from conversations.chat.writer import SocketWriter
from conversations.hours import DAYS, next_change
from conversations.models import Offer, Widget
from gateway.db import db
from tests.conversations.chat.client import Connect

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 20.0
ALWAYS_OPEN = dict.fromkeys(DAYS, "00:00-24:00")


def hours_elsewhere(now: datetime) -> dict[str, str]:
    """Return hours of a day that is neither today nor next to it."""
    return {DAYS[(now.weekday() + 3) % 7]: "09:00-17:00"}


@pytest.fixture
def hours_set(widget: Widget) -> Callable[[dict[str, str]], Widget]:
    """Gives the widget hours, outside which it offers a way to a person."""

    def set_to(hours: dict[str, str]) -> Widget:
        widget.team_offers, widget.time_zone = [Offer.AWAY], "UTC"
        widget.office_hours = hours
        widget.save()
        return widget

    return set_to


def table_rename(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")


class Socket:
    """A writer whose frames are kept."""

    def __init__(self, widget: int) -> None:
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        self.writer = SocketWriter(self.frames.put, MemoryStreamLog(), Pokes())
        self.writer.widget = widget
        self.writing = asyncio.create_task(self.writer.run())

    async def next(self) -> Frame:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.frames.get()


@pytest.fixture
async def socket(widget: Widget) -> AsyncIterator[Socket]:
    socket = Socket(widget.pk)
    yield socket
    socket.writing.cancel()
    await asyncio.wait([socket.writing])


async def test_at_the_moment_it_is_told_before_anything_was_said(
    hours_set: Callable[[dict[str, str]], Widget], socket: Socket
) -> None:
    await db.write(hours_set, hours_elsewhere(timezone.now()))
    socket.writer.team_look_at(timezone.now() + timedelta(milliseconds=5))
    assert await socket.next() == {"type": "team", "team": {"way": "offer", "asked": []}}
    await db.write(hours_set, ALWAYS_OPEN)
    socket.writer.team_look_at(timezone.now() - timedelta(seconds=1))
    assert await socket.next() == {"type": "team", "team": None}


async def test_a_moment_that_does_not_count_any_more_is_let_pass(
    hours_set: Callable[[dict[str, str]], Widget], socket: Socket
) -> None:
    await db.write(hours_set, hours_elsewhere(timezone.now()))
    socket.writer.team_look_at(timezone.now() - timedelta(seconds=1))
    socket.writer.team_look_at(None)
    for _ in range(5):
        await asyncio.sleep(0)
    socket.writer.say({"type": "pong"})
    assert await socket.next() == {"type": "pong"}


async def test_while_the_database_gives_nothing_it_is_asked_again(
    hours_set: Callable[[dict[str, str]], Widget],
    socket: Socket,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    await db.write(hours_set, hours_elsewhere(timezone.now()))
    await db.write(table_rename, "conversations_widget", "away")
    try:
        socket.writer.team_look_at(timezone.now())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while caplog.text.count("the way to a person could not be read") < 2:
                await asyncio.sleep(0.01)
        assert socket.frames.empty()
    finally:
        await db.write(table_rename, "away", "conversations_widget")
    assert await socket.next() == {"type": "team", "team": {"way": "offer", "asked": []}}


async def test_who_comes_in_is_told_at_the_next_opening(
    hours_set: Callable[[dict[str, str]], Widget],
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments: list[datetime | None] = []
    look_at = SocketWriter.team_look_at

    def noted(writer: SocketWriter, moment: datetime | None) -> None:
        moments.append(moment)
        look_at(writer, moment)

    monkeypatch.setattr(SocketWriter, "team_look_at", noted)
    widget = await db.write(hours_set, hours_elsewhere(timezone.now()))
    client = await connect()
    assert client.frames[0]["team"] == {"way": "offer", "asked": []}
    assert moments == [next_change(widget.hours, timezone.now())]
