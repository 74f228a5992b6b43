"""What the page says of its visitor is kept with the conversation it is about."""

from typing import Any

import pytest

from conversations.models import Conversation  # as above
from gateway.db import db
from tests.conversations.chat.client import QUESTION, Client, Connect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]


async def attributes_of(client: Client) -> dict[str, Any]:
    assert client.conversation is not None
    pk = client.conversation
    conversation = await db(lambda: Conversation.objects.get(pk=pk))
    kept: dict[str, Any] = conversation.attributes
    return kept


async def test_what_the_page_says_is_kept_with_the_conversation_it_begins(
    connect: Connect,
) -> None:
    client = await connect(attributes={"plan": "pro", "old": None, "odd": {"a": 1}})
    await client.tell({"type": "attributes", "attributes": {"basket": 3}})
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    assert await attributes_of(client) == {"plan": "pro", "basket": 3}


async def test_what_the_page_says_later_is_added_or_taken_off(connect: Connect) -> None:
    client = await connect(attributes={"plan": "pro", "basket": 3})
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    await client.tell({"type": "attributes", "attributes": {"plan": "team", "basket": None}})
    await client.tell({"type": "ping"})
    await client.until("pong")
    assert await attributes_of(client) == {"plan": "team"}
    second = await connect(client, attributes={"page": "returns"})
    await second.tell({"type": "ping"})
    await second.until("pong")
    other = await connect(client)  # another page, which says nothing, takes nothing away
    assert await attributes_of(other) == {"plan": "team", "page": "returns"}


async def test_what_the_page_says_never_reaches_another_conversation(connect: Connect) -> None:
    first = await connect()
    await first.send(QUESTION)
    await first.until_status(2, "complete")
    stranger = await connect(attributes={"plan": "pro"})
    await stranger.tell({"type": "attributes", "attributes": {"plan": "team"}})
    await stranger.tell({"type": "ping"})
    await stranger.until("pong")
    assert await attributes_of(first) == {}
