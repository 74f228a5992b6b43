"""Chats that a test opens."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from conversations.chat.runs import runs
from conversations.identity.secrets import signing_secret_add
from conversations.models import Widget
from gateway.db import db
from tests.conversations.chat.client import Client, Connect
from tests.conversations.identity.website import token_make


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


@pytest.fixture
async def secret(widget: Widget) -> str:
    return (await db.write(signing_secret_add, widget=widget)).text


@pytest.fixture
def identity(secret: str) -> Callable[..., str]:
    """Return what the website signs."""

    def sign(sub: str = "7", **claims: Any) -> str:
        return token_make(secret, **{"sub": sub, "name": "Ada", "exp": time.time() + 300, **claims})

    return sign
