"""What is on hold, nothing erases: not its customer, not staff, not its days."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import AsyncClient, Client
from django.utils import timezone

from conversations.chat.pokes import Pokes
from conversations.chat.runs import Runs
from conversations.chat.services import Visit, message_receive
from conversations.chat.streamlog import MemoryStreamLog
from conversations.errors import HeldError
from conversations.identity.tokens import visitor_token_make
from conversations.models import Conversation, Customer, DataDeed, DeedKind, Hold, Widget
from conversations.privacy.erasure import conversation_erase
from conversations.privacy.holds import hold_lift, hold_set, holds_of, is_free, is_held
from conversations.privacy.retention import Outlived, outlived_count, retention_apply
from conversations.staff_errors import EmptyReasonError
from gateway.db import db

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()


@pytest.fixture
def officer(db: None) -> User:
    return User.objects.create_superuser("officer")


@pytest.fixture
def customer(widget: Widget) -> Customer:
    return Customer.objects.create(widget=widget, external_id="4711", email="ada@shop.example")


def begin(visit: Visit, *, customer: Customer | None = None, days_ago: float = 0) -> Conversation:
    receipt = message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text="When do you open?", owner=""
    )
    Conversation.objects.filter(pk=receipt.conversation).update(
        customer=customer, active_at=NOW - timedelta(days=days_ago)
    )
    return Conversation.objects.get(pk=receipt.conversation)


def held(visit: Visit, officer: User, **about: object) -> Conversation:
    conversation = begin(visit, **about)  # type: ignore[arg-type]
    hold_set(subject=conversation, reason="Court", by=officer, now=NOW)
    return conversation


def test_what_is_held_is_not_erased_until_the_hold_is_lifted(visit: Visit, officer: User) -> None:
    conversation = held(visit, officer)
    with pytest.raises(HeldError):
        conversation_erase(conversation=conversation.pk)
    assert hold_lift(subject=conversation, by=officer, now=NOW)
    conversation_erase(conversation=conversation.pk)
    assert not Hold.objects.exists()


def test_a_customers_hold_is_on_each_of_their_conversations_and_no_other(
    visit: Visit, customer: Customer, officer: User
) -> None:
    theirs, anonymous = begin(visit, customer=customer), begin(visit)
    hold_set(subject=customer, reason="Court", by=officer, now=NOW)
    assert [row.pk for row in Conversation.objects.filter(is_held())] == [theirs.pk]
    assert [row.pk for row in Conversation.objects.filter(is_free())] == [anonymous.pk]
    assert [hold.reason for hold in holds_of(theirs)] == ["Court"]
    assert not list(holds_of(anonymous))
    with pytest.raises(HeldError):
        conversation_erase(conversation=theirs.pk)
    conversation_erase(conversation=anonymous.pk)


def test_free_and_held_are_all_there_is(visit: Visit, customer: Customer, officer: User) -> None:
    begin(visit)
    begin(visit, customer=customer)
    held(visit, officer)
    rows = Conversation.objects
    assert rows.filter(is_held()).count() == 1
    assert rows.filter(is_free()).count() == 2


def test_a_hold_needs_a_reason_and_stands_once(visit: Visit, officer: User) -> None:
    conversation = begin(visit)
    with pytest.raises(EmptyReasonError):
        hold_set(subject=conversation, reason="  ", by=officer, now=NOW)
    with pytest.raises(ValidationError):
        hold_set(subject=conversation, reason="x" * 501, by=officer, now=NOW)
    first = hold_set(subject=conversation, reason="Court", by=officer, now=NOW)
    assert hold_set(subject=conversation, reason="Again", by=officer, now=NOW).pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(conversation=conversation, reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(reason="of nothing")


def test_who_set_and_who_lifted_it_is_noted_without_its_reason(visit: Visit, officer: User) -> None:
    conversation = held(visit, officer)
    hold_lift(subject=conversation, by=officer, now=NOW)
    assert not hold_lift(subject=conversation, by=officer, now=NOW)
    conversation_erase(conversation=conversation.pk)
    deeds = DataDeed.objects.order_by("pk").values_list("kind", "by_name", "conversation")
    assert list(deeds) == [
        (DeedKind.HELD, "officer", conversation.pk),
        (DeedKind.RELEASED, "officer", conversation.pk),
    ]


def test_the_days_pass_it_over_and_the_command_says_so(
    visit: Visit, widget: Widget, officer: User
) -> None:
    Widget.objects.update(retention_days=7)
    kept = held(visit, officer, days_ago=8)
    begin(visit, days_ago=8)
    assert outlived_count(NOW) == [Outlived(widget.name, 7, 1, held=1)]
    said = StringIO()
    call_command("purge", dry_run=True, stdout=said)
    assert said.getvalue() == f"{widget.name}: 1 older than 7 days, and 1 more that are on hold\n"
    call_command("purge", stdout=said)
    assert said.getvalue().endswith("Erased 1.\n")
    assert [row.pk for row in Conversation.objects.all()] == [kept.pk]


def old_ones(visit: Visit) -> UUID:
    Widget.objects.update(retention_days=7)
    return begin(visit, days_ago=8).pk


async def test_a_hold_that_is_set_while_its_days_are_applied_counts(
    visit: Visit, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await db.write(old_ones, visit)

    def beforehand(*, conversation: UUID) -> object:
        row = Conversation.objects.get(pk=conversation)
        hold_set(subject=row, reason="Court", by=officer, now=NOW)
        return conversation_erase(conversation=conversation)

    monkeypatch.setattr("conversations.privacy.erasure.conversation_erase", beforehand)
    assert await retention_apply(NOW, Runs("ours", MemoryStreamLog(), Pokes())) == 0
    assert await db(Conversation.objects.filter(pk=conversation).exists)


async def test_its_customer_is_told_kindly_and_loses_nothing(
    visit: Visit, widget: Widget, visitor: UUID, officer: User
) -> None:
    conversation = await db.write(held, visit, officer)
    token = visitor_token_make(visitor, widget.public_key)
    response = await AsyncClient().delete(
        f"/widget/{widget.public_key}/conversations/{conversation.pk}/",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 409
    error = response.json()["error"]
    assert error["code"] == "held"
    assert "cannot be deleted right now" in error["text"]
    assert await db(Conversation.objects.filter(pk=conversation.pk).exists)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
def test_of_a_hold_and_an_erasure_at_once_one_sees_the_other(
    visit: Visit, customer: Customer, officer: User
) -> None:
    conversation = begin(visit, customer=customer)
    outcome: list[str] = []

    def erase() -> None:
        try:
            conversation_erase(conversation=conversation.pk)
            outcome.append("erased")
        except HeldError:
            outcome.append("held")
        finally:
            connection.close()

    with transaction.atomic():
        hold_set(subject=customer, reason="Court", by=officer, now=NOW)
        thread = threading.Thread(target=erase)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()  # it waits for us
    thread.join(10)
    assert outcome == ["held"]


def test_staff_hold_and_lift_by_the_admin(visit: Visit, officer: User) -> None:
    conversation = begin(visit)
    place = f"/admin/conversations/conversation/{conversation.pk}/"
    client = Client()
    client.force_login(officer)
    assert client.post(f"{place}hold/", {"reason": " "}).status_code == 200
    assert not Hold.objects.exists()
    client.post(f"{place}hold/", {"reason": "Court <b>case</b>"})
    page = client.get(f"{place}change/").content.decode()
    assert "Court &lt;b&gt;case&lt;/b&gt;" in page
    listed = client.get("/admin/conversations/conversation/?hold=yes").context["cl"].result_list
    assert [row.pk for row in listed] == [conversation.pk]
    client.post(f"{place}release/")
    assert not client.get("/admin/conversations/conversation/?hold=yes").context["cl"].result_list
    assert "Earlier holds" in client.get(f"{place}change/").content.decode()
