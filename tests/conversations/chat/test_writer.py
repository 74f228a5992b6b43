"""The writer tells what has happened since the page that it begins with was read."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from conversations.chat.pokes import Pokes
from conversations.chat.protocol import Frame
from conversations.chat.selectors import conversation_page
from conversations.chat.services import Visit, message_receive
from conversations.chat.streamlog import MemoryStreamLog
from conversations.chat.writer import SocketWriter
from gateway.db import db

PATIENCE_SECONDS = 20.0


@pytest.mark.django_db(transaction=True)
async def test_a_change_between_the_reading_of_a_page_and_the_watch_is_told(
    visit: Visit, conversation: UUID
) -> None:
    frames: asyncio.Queue[Frame] = asyncio.Queue()
    pokes = Pokes()
    writer = SocketWriter(frames.put, MemoryStreamLog(), pokes)
    page = await db(conversation_page, conversation, 0)
    receipt = await db.write(
        message_receive,
        visit=visit,
        conversation=conversation,
        client_id=uuid4(),
        text="And on Sundays?",
        owner="",
    )
    pokes.changed(conversation)
    writer.attend(page)
    writing = asyncio.create_task(writer.run())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            frame = await frames.get()
    finally:
        writing.cancel()
    assert (frame["type"], frame["revision"]) == ("changed", receipt.revision)
