"""A customer's request: found by the website's word alone, handed out whole, erased for good."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.utils import timezone

from conversations.chat.leases import Ending, reply_end
from conversations.chat.pokes import Pokes
from conversations.chat.runs import Runs
from conversations.chat.services import Opinion, Visit, message_receive, reply_rate
from conversations.chat.streamlog import MemoryStreamLog
from conversations.models import (
    Conversation,
    Customer,
    DataDeed,
    DeedKind,
    Note,
    RatingReason,
    RatingValue,
    ReplyStatus,
    Revocation,
    Widget,
)
from conversations.privacy.customers import (
    Forgotten,
    Kept,
    customer_forget,
    customer_kept,
    customers_found,
)
from conversations.privacy.holds import hold_set
from gateway.db import db
from tests.conversations.privacy.canaries import tables

pytestmark = pytest.mark.django_db(transaction=True)

PLACE = "/admin/conversations/customer/"
CANARY = "canary"


@pytest.fixture
def officer(db: None) -> User:
    return User.objects.create_superuser("officer")


@pytest.fixture
def customer(widget: Widget) -> Customer:
    return Customer.objects.create(
        widget=widget,
        external_id="4711-canary",
        name="Ada canary",
        email="Ada@Canary.example",
        attributes={"plan": "gold-canary"},
    )


def talk(visit: Visit, customer: Customer | None, text: str = "canary-asked?") -> Conversation:
    receipt = message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text=text, owner="process-1"
    )
    assert receipt.claim
    reply_end(receipt.claim, Ending(status=ReplyStatus.COMPLETE, text="canary-answered"))
    opinion = Opinion(RatingValue.DOWN, RatingReason.WRONG, "canary-thought")
    reply_rate(conversation=receipt.conversation, position=2, opinion=opinion)
    Conversation.objects.filter(pk=receipt.conversation).update(customer=customer)
    conversation = Conversation.objects.get(pk=receipt.conversation)
    Note.objects.create(conversation=conversation, text="canary-note")
    return conversation


async def forget(customer: Customer, by: User | None = None) -> Forgotten:
    return await customer_forget(customer.pk, Runs("ours", MemoryStreamLog(), Pokes()), by)


def test_they_are_found_by_the_whole_id_or_the_verified_address(customer: Customer) -> None:
    for typed in ("4711-canary", " ada@canary.example ", "ADA@CANARY.EXAMPLE"):
        assert list(customers_found(typed)) == [customer], typed
    for typed in ("4711", "ada@canary", "Ada", "", "%", "canary"):
        assert not list(customers_found(typed)), typed


def test_nothing_typed_does_not_mean_who_has_no_address(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(email="")
    for typed in ("", "  "):
        assert not list(customers_found(typed))


def test_an_address_that_was_typed_finds_nobody(visit: Visit) -> None:
    talk(visit, None, "I am eve@shop.example, delete me")
    assert not list(customers_found("eve@shop.example"))


def test_what_there_is_is_counted(visit: Visit, customer: Customer, officer: User) -> None:
    talk(visit, customer)
    held = talk(visit, customer)
    talk(visit, None)
    hold_set(subject=held, reason="Court", by=officer, now=timezone.now())
    assert customer_kept(customer) == Kept(2, held=1, messages=4, ratings=2, notes=2)


async def test_nothing_is_left_of_an_erased_customer(
    visit: Visit, customer: Customer, officer: User
) -> None:
    for _ in range(3):
        await db.write(talk, visit, customer)
    assert CANARY in await db(tables)
    assert await forget(customer, officer) == Forgotten(3, held=0, is_gone=True)
    assert CANARY not in (await db(tables)).lower()
    deed = await db(DataDeed.objects.get)
    assert (deed.kind, deed.by_name, deed.customer) == (DeedKind.ERASED, "officer", customer.pk)
    assert (deed.conversation_count, deed.message_count, deed.is_whole) == (3, 6, True)


async def test_their_sessions_end(customer: Customer) -> None:
    await forget(customer)
    assert await db(Revocation.objects.filter(subject=customer.pk).exists)


async def test_others_stay(visit: Visit, customer: Customer, widget: Widget) -> None:
    other = await db.write(
        Customer.objects.create, widget=widget, external_id="other", email="x@y.example"
    )
    kept = [await db.write(talk, visit, other), await db.write(talk, visit, None)]
    await db.write(talk, replace(visit, visitor=uuid4()), customer)
    await forget(customer)
    left = await db(lambda: set(Conversation.objects.values_list("pk", flat=True)))
    assert left == {row.pk for row in kept}


async def test_what_is_on_hold_stays_with_who_it_is_and_it_is_said(
    visit: Visit, customer: Customer, officer: User
) -> None:
    await db.write(talk, visit, customer)
    held = await db.write(talk, visit, customer)
    await db.write(hold_set, subject=held, reason="Court", by=officer, now=timezone.now())
    assert await forget(customer, officer) == Forgotten(1, held=1, is_gone=False)
    assert await db(Customer.objects.filter(pk=customer.pk).exists)
    deed = await db(DataDeed.objects.latest, "pk")
    assert (deed.conversation_count, deed.held_count, deed.is_whole) == (1, 1, False)


async def test_a_customer_on_hold_stays_even_without_conversations(
    customer: Customer, officer: User
) -> None:
    await db.write(hold_set, subject=customer, reason="Court", by=officer, now=timezone.now())
    assert await forget(customer, officer) == Forgotten(0, held=0, is_gone=False)


async def test_all_of_it_is_handed_out(visit: Visit, customer: Customer, officer: User) -> None:
    for _ in range(2):
        await db.write(talk, visit, customer)
    await db.write(talk, visit, None, "canary-of-somebody-else")
    client = AsyncClient()
    await client.aforce_login(officer)
    response: Any = await client.post(f"{PLACE}{customer.pk}/export/")
    text = "".join([part.decode() async for part in response.streaming_content])
    who, *conversations = [json.loads(line) for line in text.splitlines()]
    assert who["email"] == "Ada@Canary.example"
    assert who["attributes"] == {"plan": "gold-canary"}
    assert len(conversations) == 2
    assert conversations[0]["messages"][1]["rating_comment"] == "canary-thought"
    assert "somebody-else" not in text
    assert "canary-note" not in text
    deed = await db(DataDeed.objects.get)
    assert (deed.kind, deed.conversation_count, deed.is_whole) == (DeedKind.HANDED_OUT, 2, True)


def test_the_admin_shows_nobody_who_was_not_asked_for(customer: Customer, officer: User) -> None:
    client = Client()
    client.force_login(officer)
    assert "Ada" not in client.get(PLACE).content.decode()
    assert "Ada" not in client.get(f"{PLACE}?q=canary").content.decode()
    assert "Ada canary" in client.get(f"{PLACE}?q=ada@canary.example").content.decode()


def test_only_who_types_the_number_erases(visit: Visit, customer: Customer, officer: User) -> None:
    talk(visit, customer)
    talk(visit, customer)
    client = Client()
    client.force_login(officer)
    for typed in ("", "1", "3", "x"):
        response = client.post(f"{PLACE}{customer.pk}/erase/", {"count": typed})
        assert response.status_code == 200
        assert Conversation.objects.filter(customer=customer).count() == 2
    response = client.post(f"{PLACE}{customer.pk}/erase/", {"count": "2"}, follow=True)
    assert "Erased 2 conversations." in response.content.decode()
    assert not Customer.objects.filter(pk=customer.pk).exists()
