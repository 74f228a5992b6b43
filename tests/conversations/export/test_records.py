"""Batches hold each conversation once, in order, by a number of queries that never grows."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.export import records
from conversations.export.records import Batch, Contents, Place, batch_read
from conversations.models import Conversation, Customer, Note, Reply, ReplyStatus, TeamMessage
from conversations.review.services import Opinion, verdict_give
from tests.admin_world import World, conversation_make, world_make

ALL = Contents(has_notes=True, has_identity=True)
LITTLE = Contents(has_notes=False, has_identity=False)


@pytest.fixture
def world(db: None) -> World:
    return world_make()


def batches(contents: Contents = LITTLE) -> list[Batch]:
    found, last = [], None
    while (batch := batch_read(Conversation.objects.all(), last, contents)).last:
        found.append(batch)
        last = batch.last
    return found


def ids(found: list[Batch]) -> list[object]:
    return [record["conversation"] for batch in found for record in batch.records]


def test_each_comes_once_and_the_newest_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "BATCH_MESSAGES", 30)
    moment = world.conversation.created_at
    for number in range(7):
        row = conversation_make(world.widget)
        # Some began at the same moment: their ids order them.
        at = moment - timedelta(seconds=number // 3)
        Conversation.objects.filter(pk=row.pk).update(created_at=at)
    found = batches()
    assert len(found) == 4
    wanted = Conversation.objects.order_by("-created_at", "-pk").values_list("pk", flat=True)
    assert ids(found) == list(wanted)


def test_what_customers_write_meanwhile_leaves_none_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "BATCH_CONVERSATIONS", 1)
    older = conversation_make(world.widget)
    Conversation.objects.filter(pk=older.pk).update(
        created_at=world.conversation.created_at - timedelta(days=1)
    )
    first = batch_read(Conversation.objects.all(), None, LITTLE)
    Conversation.objects.filter(pk=older.pk).update(active_at="2099-01-01T00:00Z")
    second = batch_read(Conversation.objects.all(), first.last, LITTLE)
    assert ids([first, second]) == [world.conversation.pk, older.pk]


def test_one_that_is_larger_than_a_batch_comes_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "BATCH_MESSAGES", 1)
    conversation_make(world.widget)
    assert [len(batch.records) for batch in batches()] == [1, 1]


def test_one_that_is_erased_behind_us_does_not_end_it(world: World) -> None:
    place = Place(world.conversation.created_at + timedelta(days=1), world.conversation.pk)
    assert ids([batch_read(Conversation.objects.all(), place, LITTLE)]) == [world.conversation.pk]


def test_the_queries_do_not_grow(world: World) -> None:
    with CaptureQueriesContext(connection) as few:
        batch_read(Conversation.objects.all(), None, ALL)
    for _ in range(5):
        conversation_make(world.widget)
    with CaptureQueriesContext(connection) as many:
        batch_read(Conversation.objects.all(), None, ALL)
    assert len(many) == len(few) <= 6


def test_a_record_tells_all_of_it(world: World) -> None:
    conversation = conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,))
    Conversation.objects.filter(pk=conversation.pk).update(
        customer=world.customer, attributes={"plan": "gold"}
    )
    support = User.objects.get(username="support")
    opinion = Opinion(judgement="wrong", reason="Not so", should_have_said="No", tags=["x"])
    verdict_give(conversation=conversation, position=2, opinion=opinion, by=support)
    Note.objects.create(conversation=conversation, author=support, text="Call back")
    TeamMessage.objects.create(
        conversation=conversation, client_id=uuid4(), name="Ada", email="ada@x.example", text="Call"
    )
    chosen = Conversation.objects.filter(pk=conversation.pk)
    record = batch_read(chosen, None, ALL).records[0]
    assert record["customer_email"] == "ada@shop.example"
    assert record["website_says"] == {"plan": "gold"}
    assert [note["text"] for note in record["notes"]] == ["Call back"]
    [left] = record["left_for_team"]
    assert (left["email"], left["text"], left["closed"]) == ("ada@x.example", "Call", None)
    answer = record["messages"][1]
    assert (answer["text"], answer["status"]) == ("It is **on its way**.", "complete")
    assert (answer["verdict"], answer["judged_by"]) == ("wrong", "support")
    assert answer["answer_prompt_version"] == Reply.objects.latest("pk").prompt_version.number


def test_nothing_of_staff_or_of_who_it_is_stands_in_a_record_without(world: World) -> None:
    conversation = world.conversation
    Conversation.objects.update(customer=world.customer, attributes={"plan": "canary-plan"})
    Customer.objects.update(attributes={"x": "canary-x"})
    Note.objects.create(conversation=conversation, text="canary-note")
    TeamMessage.objects.create(
        conversation=conversation,
        client_id=uuid4(),
        name="canary-name",
        email="canary@x.example",
        text="canary-text",
        note="canary-closing",
    )
    text = repr(batch_read(Conversation.objects.all(), None, LITTLE).records)
    for word in ("canary", "ada@", "Ada", "4711", str(conversation.visitor), "shop.example"):
        assert word not in text
