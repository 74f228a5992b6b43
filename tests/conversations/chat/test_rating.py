"""What a customer thinks of an answer: kept, changed, taken back, and told to every tab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.chat.leases import Ending, reply_end
from conversations.chat.runs import runs
from conversations.chat.selectors import conversation_changes, conversation_page
from conversations.chat.services import (
    Opinion,
    Visit,
    message_receive,
    reply_rate,
    reply_retry,
)
from conversations.errors import UnknownReplyError
from conversations.models import Rating, RatingReason, RatingValue, ReplyStatus, Widget
from gateway.db import db
from tests.conversations.chat.client import Client

UP = Opinion(RatingValue.UP)
DOWN = Opinion(RatingValue.DOWN, RatingReason.WRONG, "It is Tuesday.")


def answer_make(visit: Visit, status: ReplyStatus, conversation: UUID | None = None) -> UUID:
    receipt = message_receive(
        visit=visit, conversation=conversation, client_id=uuid4(), text="When?", owner="process-1"
    )
    if status is not ReplyStatus.RUNNING:
        assert receipt.claim
        reply_end(receipt.claim, Ending(status=status, text="On Monday."))
    return receipt.conversation


def kept() -> list[tuple[str, str, str]]:
    return list(Rating.objects.values_list("value", "reason", "comment"))


def test_the_last_word_counts(visit: Visit) -> None:
    conversation = answer_make(visit, ReplyStatus.COMPLETE)
    assert reply_rate(conversation=conversation, position=2, opinion=UP)
    assert reply_rate(conversation=conversation, position=2, opinion=DOWN)
    assert kept() == [("down", "wrong", "It is Tuesday.")]


def test_a_thumb_up_needs_no_reason(visit: Visit) -> None:
    conversation = answer_make(visit, ReplyStatus.COMPLETE)
    odd = Opinion(RatingValue.UP, RatingReason.WRONG, "Lovely")
    reply_rate(conversation=conversation, position=2, opinion=odd)
    assert kept() == [("up", "", "")]


def test_a_rating_is_taken_back_and_then_nothing_is_kept(visit: Visit) -> None:
    conversation = answer_make(visit, ReplyStatus.COMPLETE)
    reply_rate(conversation=conversation, position=2, opinion=DOWN)
    assert reply_rate(conversation=conversation, position=2, opinion=None)
    assert kept() == []


def test_what_changes_nothing_is_no_news(visit: Visit) -> None:
    conversation = answer_make(visit, ReplyStatus.COMPLETE)
    assert not reply_rate(conversation=conversation, position=2, opinion=None)
    reply_rate(conversation=conversation, position=2, opinion=DOWN)
    revision = conversation_page(conversation, 0).revision
    assert not reply_rate(conversation=conversation, position=2, opinion=DOWN)
    assert conversation_page(conversation, 0).revision == revision


def test_a_rating_is_a_change_of_its_answer(visit: Visit) -> None:
    conversation = answer_make(visit, ReplyStatus.COMPLETE)
    revision = conversation_page(conversation, 0).revision
    reply_rate(conversation=conversation, position=2, opinion=DOWN)
    (answer,) = conversation_changes(conversation, revision).messages
    expected = {"value": "down", "reason": "wrong", "comment": "It is Tuesday."}
    assert (answer["position"], answer["rating"]) == (2, expected)


@pytest.mark.parametrize("status", [ReplyStatus.STOPPED, ReplyStatus.INTERRUPTED])
def test_an_answer_that_said_something_can_be_rated(visit: Visit, status: ReplyStatus) -> None:
    conversation = answer_make(visit, status)
    assert reply_rate(conversation=conversation, position=2, opinion=UP)


@pytest.mark.parametrize("status", [ReplyStatus.RUNNING, ReplyStatus.FAILED])
def test_what_is_not_said_cannot_be_rated(visit: Visit, status: ReplyStatus) -> None:
    conversation = answer_make(visit, status)
    assert not reply_rate(conversation=conversation, position=2, opinion=UP)
    assert kept() == []


def test_an_answer_that_is_tried_again_loses_its_rating(visit: Visit) -> None:
    conversation = answer_make(visit, ReplyStatus.INTERRUPTED)
    reply_rate(conversation=conversation, position=2, opinion=DOWN)
    reply_retry(conversation=conversation, position=2)
    assert kept() == []


@pytest.mark.parametrize("position", [1, 3])
def test_only_an_answer_can_be_rated(visit: Visit, position: int) -> None:
    conversation = answer_make(visit, ReplyStatus.COMPLETE)
    with pytest.raises(UnknownReplyError):
        reply_rate(conversation=conversation, position=position, opinion=UP)


def test_ratings_cost_a_page_no_query_of_their_own(visit: Visit) -> None:
    conversation = answer_make(visit, ReplyStatus.COMPLETE)
    counts = []
    for position in (2, 4):
        reply_rate(conversation=conversation, position=position, opinion=UP)
        with CaptureQueriesContext(connection) as queries:
            conversation_page(conversation, 0)
        counts.append(len(queries))
        answer_make(visit, ReplyStatus.COMPLETE, conversation)
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
class TestSocket:
    @pytest.fixture
    async def clients(self, widget: Widget, site_gateway: None) -> AsyncIterator[list[Client]]:
        """Two tabs of one customer, in a conversation with one answer."""
        first, second = Client(widget.public_key), Client(widget.public_key)
        await first.connect()
        await first.send("When do you open?")
        await first.until_status(2, "complete")
        second.token = first.token
        await second.connect()
        yield [first, second]
        for client in (first, second):
            await client.leave()
        await runs().drain(5)

    async def test_both_tabs_hear_of_it_and_so_does_a_reload(self, clients: list[Client]) -> None:
        first, second = clients
        assert first.messages[2]["rating"] is None
        await first.tell(
            {
                "type": "rate",
                "position": 2,
                "rating": "down",
                "reason": "rude",
                "comment": " Hm\x00 ",
            }
        )
        expected = {"value": "down", "reason": "rude", "comment": "Hm"}
        for client in clients:
            await client.until("changed")
            assert client.messages[2]["rating"] == expected
        await second.leave()
        await second.connect(revision=0)
        assert second.messages[2]["rating"] == expected

    async def test_it_is_taken_back(self, clients: list[Client]) -> None:
        first, second = clients
        for rating in ("up", None):
            await first.tell({"type": "rate", "position": 2, "rating": rating})
            await second.until("changed")
        assert second.messages[2]["rating"] is None
        assert not await db(Rating.objects.exists)

    async def test_a_strangers_rating_goes_nowhere(
        self, clients: list[Client], widget: Widget
    ) -> None:
        stranger = Client(widget.public_key)
        await stranger.connect()
        await stranger.tell({"type": "rate", "position": 2, "rating": "down"})
        assert (await stranger.until("error"))["code"] == "unknown_reply"
        await stranger.leave()
        assert not await db(Rating.objects.exists)
