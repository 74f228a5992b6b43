"""What a socket is told when there is too much of something, or no database."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from pytest_django import Settings

from conversations.chat import consumers, limits, services, session
from conversations.chat.limits import Turnstile
from conversations.chat.pokes import Pokes
from conversations.chat.protocol import Frame
from conversations.chat.runs import runs
from conversations.chat.streamlog import MemoryStreamLog
from conversations.chat.writer import FRAMES_WAITING, SocketWriter
from conversations.models import Message, Widget
from gateway.db import db
from gateway.engine.limits import MemoryLimits
from tests.conversations.chat.client import QUESTION, Client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]


@pytest.fixture
async def client(widget: Widget) -> AsyncIterator[Client]:
    """A browser that is not connected yet."""
    made = Client(widget.public_key)
    yield made
    await made.leave()
    await runs().drain(5)


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """One message a minute, and one socket for all who have an address."""
    settings.VISITOR_MESSAGES_PER_MINUTE = 1
    settings.ADDRESS_SOCKETS = 1
    turnstile = Turnstile(MemoryLimits(time.monotonic))
    monkeypatch.setattr(session, "turnstile", turnstile)
    monkeypatch.setattr(consumers, "turnstile", turnstile)


@pytest.mark.usefixtures("strict")
async def test_one_message_too_many_is_refused_and_the_conversation_stays(client: Client) -> None:
    await client.connect()
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    message_id = await client.send("And then?")
    error = await client.until("error")
    assert (error["code"], error["id"]) == ("too_many", message_id)
    assert 50 < error["retry_after"] <= 61
    await client.tell({"type": "ping"})
    await client.until("pong")
    assert await db(Message.objects.count) == 2


@pytest.mark.usefixtures("strict")
async def test_another_attempt_costs_as_much_as_a_message(client: Client) -> None:
    await client.connect()
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    await client.tell({"type": "retry", "position": 2})
    assert (await client.until("error"))["code"] == "too_many"


@pytest.mark.usefixtures("strict")
async def test_one_socket_too_many_is_told_and_closed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "address_of", lambda _: "203.0.113.7")
    await client.connect()
    second = Client(client.path.split("/")[-2])
    await second.open()
    error = await second.receive()
    assert (error["code"], error["retry_after"]) == ("too_many", limits.SOCKETS_RETRY_SECONDS)
    assert (await second.socket.receive_output())["code"] == 4429
    await second.leave()
    await client.leave()
    await client.connect()


async def test_a_flood_of_frames_is_refused_frame_by_frame(client: Client) -> None:
    await client.connect()
    for _ in range(int(limits.FRAMES.capacity) + 20):
        await client.tell({"type": "ping"})
    assert (await client.until("error"))["code"] == "too_many"


async def test_a_message_that_takes_too_long_is_not_called_saved(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = services.message_receive
    delays = [0.5, 0.0]

    def slow(**arguments: Any) -> services.Receipt:
        time.sleep(delays.pop(0))
        return receive(**arguments)

    monkeypatch.setattr(services, "message_receive", slow)
    monkeypatch.setattr(session, "SAVE_SECONDS", 0.1)
    await client.connect()
    message_id = str(uuid4())
    await client.send(QUESTION, message_id)
    error = await client.until("error")
    assert (error["code"], error["id"]) == ("not_saved", message_id)
    assert error["retry_after"] == session.NOT_SAVED_RETRY_SECONDS

    monkeypatch.setattr(session, "SAVE_SECONDS", 5.0)
    await client.send(QUESTION, message_id)
    await client.until("accepted")
    await client.until_status(2, "complete")
    assert await db(Message.objects.count) == 2


async def test_a_database_that_is_away_is_told_honestly(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**arguments: Any) -> services.Receipt:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(services, "message_receive", away)
        await client.connect()
        message_id = await client.send(QUESTION)
        assert (await client.until("error"))["code"] == "not_saved"
    await client.send(QUESTION, message_id)
    assert (await client.until("accepted"))["id"] == message_id


async def test_who_asks_and_does_not_read_waits_for_room() -> None:
    is_read, sent = asyncio.Event(), list[Frame]()

    async def send(frame: Frame) -> None:
        await is_read.wait()
        sent.append(frame)

    writer = SocketWriter(send, MemoryStreamLog(), Pokes())
    writing = asyncio.create_task(writer.run())
    for _ in range(FRAMES_WAITING):
        await writer.room()
        writer.say({"type": "pong"})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(writer.room(), 0.05)
    is_read.set()
    await writer.room()
    assert len(sent) == FRAMES_WAITING
    writing.cancel()
    await asyncio.wait([writing])
