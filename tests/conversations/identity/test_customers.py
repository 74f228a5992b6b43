"""Whose conversations are whose: browsers and signed-in customers never mix, but by consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from conversations.chat.selectors import conversation_check, conversation_latest
from conversations.chat.services import Visit, message_receive
from conversations.errors import UnknownConversationError
from conversations.identity.claims import Claims
from conversations.identity.customers import conversations_join, customer_recognize
from conversations.models import Conversation, Customer, Widget


@pytest.fixture
def customer(widget: Widget) -> Customer:
    return customer_recognize(widget=widget.pk, claims=Claims("7", "Ada"), now=timezone.now())


@pytest.fixture
def signed_in(visit: Visit, customer: Customer) -> Visit:
    """The visit's browser, with the customer signed in."""
    return replace(visit, customer=customer.pk)


def said(visit: Visit, text: str = "Hello") -> UUID:
    return message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text=text, owner=""
    ).conversation


def test_a_customer_is_one_row_and_known_by_the_websites_id(widget: Widget) -> None:
    now = timezone.now()
    first = customer_recognize(
        widget=widget.pk,
        claims=Claims("7", "Ada", "ada@x.example", {"plan": "gold"}),
        now=now,
    )
    again = customer_recognize(
        widget=widget.pk, claims=Claims("7", attributes={}), now=now + timedelta(hours=1)
    )
    assert again.pk == first.pk
    assert (again.name, again.email, again.attributes) == ("Ada", "ada@x.example", {})
    assert again.seen_at == now + timedelta(hours=1)
    assert customer_recognize(widget=widget.pk, claims=Claims("8"), now=now).pk != first.pk


def test_the_same_id_at_another_widget_is_somebody_else(widget: Widget, customer: Customer) -> None:
    other = Widget.objects.create(name="Other", prompt_template=widget.prompt_template)
    theirs = customer_recognize(widget=other.pk, claims=Claims("7"), now=timezone.now())
    assert theirs.pk != customer.pk


def test_a_customers_conversations_are_theirs_on_every_device(signed_in: Visit) -> None:
    conversation = said(signed_in)
    elsewhere = replace(signed_in, visitor=uuid4())
    assert conversation_latest(elsewhere) == conversation
    conversation_check(conversation, elsewhere)


def test_what_a_customer_says_is_not_the_browsers(visit: Visit, signed_in: Visit) -> None:
    conversation = said(signed_in)
    assert conversation_latest(visit) is None
    with pytest.raises(UnknownConversationError):
        conversation_check(conversation, visit)
    with pytest.raises(UnknownConversationError):
        message_receive(
            visit=visit, conversation=conversation, client_id=uuid4(), text="Hi", owner=""
        )


def test_what_a_browser_says_is_not_the_customers_until_they_agree(
    visit: Visit, signed_in: Visit
) -> None:
    conversation = said(visit)
    assert conversation_latest(signed_in) is None
    with pytest.raises(UnknownConversationError):
        conversation_check(conversation, signed_in)


def test_nobody_sees_another_customers_conversations(widget: Widget, signed_in: Visit) -> None:
    conversation = said(signed_in)
    other = customer_recognize(widget=widget.pk, claims=Claims("8"), now=timezone.now())
    stranger = replace(signed_in, customer=other.pk)
    assert conversation_latest(stranger) is None
    with pytest.raises(UnknownConversationError):
        conversation_check(conversation, stranger)


def test_a_widget_does_not_show_another_widgets_conversations(
    widget: Widget, signed_in: Visit
) -> None:
    said(signed_in)
    other = Widget.objects.create(name="Other", prompt_template=widget.prompt_template)
    assert conversation_latest(replace(signed_in, widget=other.pk)) is None


def test_joining_moves_all_that_this_browser_has_said(visit: Visit, signed_in: Visit) -> None:
    first, second = said(visit), said(visit)
    stranger = said(replace(visit, visitor=uuid4()))
    moved = conversations_join(owner=signed_in)
    assert [row.pk for row in moved] == [second, first]
    assert set(signed_in.conversations().values_list("pk", flat=True)) == {first, second}
    assert not visit.conversations().exists()
    assert Conversation.objects.get(pk=stranger).customer_id is None


def test_joining_twice_moves_nothing_more(visit: Visit, signed_in: Visit) -> None:
    said(visit)
    assert len(conversations_join(owner=signed_in)) == 1
    assert conversations_join(owner=signed_in) == []


def test_joining_takes_nothing_from_a_customer_who_was_at_this_browser_before(
    widget: Widget, visit: Visit, signed_in: Visit
) -> None:
    conversation = said(signed_in)
    other = customer_recognize(widget=widget.pk, claims=Claims("8"), now=timezone.now())
    assert conversations_join(owner=replace(visit, customer=other.pk)) == []
    conversation_check(conversation, signed_in)


def test_who_is_not_signed_in_joins_nothing(visit: Visit) -> None:
    said(visit)
    assert conversations_join(owner=visit) == []
    assert visit.conversations().count() == 1


def test_an_owner_is_known_by_the_customer_if_there_is_one(
    visit: Visit, signed_in: Visit, customer: Customer
) -> None:
    assert (visit.id, signed_in.id) == (visit.visitor, customer.pk)
    assert signed_in.signed_out().id == visit.visitor
    mine, theirs = said(signed_in), said(visit)
    assert Conversation.objects.get(pk=mine).owner_id == customer.pk
    assert Conversation.objects.get(pk=theirs).owner_id == visit.visitor
