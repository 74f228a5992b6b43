"""Chats that a test opens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from conversations.chat.runs import runs
from conversations.models import Widget
from tests.conversations.chat.client import Client, Connect


@pytest.fixture
async def connect(widget: Widget) -> AsyncIterator[Connect]:
    """Return a function that opens a chat in a new browser, or in one that was here before."""
    clients: list[Client] = []

    async def open_chat(known: Client | None = None, **hello: Any) -> Client:
        client = Client(widget.public_key)
        if known:
            client.token = known.token
        clients.append(client)
        await client.connect(**hello)
        return client

    yield open_chat
    for client in clients:
        await client.leave()
    await runs().drain(5)
