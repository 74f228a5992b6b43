"""A customer finds earlier conversations, page by page, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from conversations.chat.runs import runs
from conversations.chat.selectors import PAGE_TALKS, Shelf, conversations_of
from conversations.chat.services import Visit, message_receive
from conversations.models import Conversation, Widget
from gateway.db import db
from tests.conversations.chat.client import Client


def begin(visit: Visit, text: str = "When do you open?") -> UUID:
    return message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text=text, owner=""
    ).conversation


def shelf(visit: Visit, before: datetime | None = None) -> Shelf:
    return conversations_of(visit, before)


def test_the_last_active_one_comes_first(visit: Visit) -> None:
    first, second = begin(visit, "One"), begin(visit, "Two")
    Conversation.objects.filter(pk=first).update(active_at=timezone.now() + timedelta(hours=1))
    assert [talk["id"] for talk in shelf(visit).talks] == [str(first), str(second)]
    assert [talk["opening"] for talk in shelf(visit).talks] == ["One", "Two"]


def test_pages_follow_each_other_without_a_gap(visit: Visit) -> None:
    wanted = {str(begin(visit)) for _ in range(PAGE_TALKS + 3)}
    first = shelf(visit)
    second = shelf(visit, datetime.fromisoformat(first.talks[-1]["at"]))
    assert (len(first.talks), first.has_more) == (PAGE_TALKS, True)
    assert (len(second.talks), second.has_more) == (3, False)
    assert {talk["id"] for talk in (*first.talks, *second.talks)} == wanted


def test_a_page_that_is_just_full_has_nothing_after_it(visit: Visit) -> None:
    for _ in range(PAGE_TALKS):
        begin(visit)
    assert shelf(visit).has_more is False


def test_nobody_elses_conversations_are_told(visit: Visit, widget: Widget) -> None:
    other = Widget.objects.create(name="B", prompt_template=widget.prompt_template)
    begin(replace(visit, visitor=uuid4()))
    begin(replace(visit, widget=other.pk))
    assert shelf(visit) == Shelf((), has_more=False)


@pytest.mark.django_db(transaction=True)
class TestSocket:
    @pytest.fixture
    async def client(self, widget: Widget, site_gateway: None) -> AsyncIterator[Client]:
        client = Client(widget.public_key)
        await client.connect()
        yield client
        await client.leave()
        await runs().drain(5)

    async def test_an_earlier_one_is_listed_opened_and_continued(self, client: Client) -> None:
        await client.send("When do you open?")
        await client.until_status(2, "complete")
        earlier = client.conversation
        await client.leave()
        await client.connect(conversation="new")
        await client.tell({"type": "conversations"})
        frame = await client.until("conversations")
        assert [talk["id"] for talk in frame["conversations"]] == [earlier]
        assert frame["has_more"] is False
        await client.leave()
        welcome = await client.connect(conversation=earlier, revision=0)
        assert [message["position"] for message in welcome["messages"]] == [1, 2]
        await client.send("And on Sundays?")
        await client.until_status(4, "complete")
        assert await db(Conversation.objects.count) == 1

    async def test_it_pages_by_what_the_client_hands_back(self, client: Client) -> None:
        await client.send("When do you open?")
        await client.until_status(2, "complete")
        await client.tell({"type": "conversations"})
        frame = await client.until("conversations")
        await client.tell({"type": "conversations", "before": frame["conversations"][-1]["at"]})
        frame = await client.until("conversations")
        assert frame["conversations"] == []
