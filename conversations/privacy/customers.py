"""All that is kept of one customer whom a website vouches for: counted, handed out, erased.

A customer is found by what the website's signed word says of them, and by nothing that somebody
typed into a chat: whoever types another's address gets nothing of theirs.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations.chat.runs import Runs
from conversations.errors import HeldError, UnknownConversationError
from conversations.export.deeds import deed_begin, deed_end
from conversations.export.lines import line_write
from conversations.export.records import Contents
from conversations.export.stream import exported
from conversations.export.styles import Style
from conversations.identity.revocations import token_subjects_revoke
from conversations.models import Conversation, Customer, DataDeed, DeedKind, Message, Note, Rating
from conversations.privacy.erasure import conversation_forget
from conversations.privacy.holds import is_free, is_held
from gateway.db import db

BATCH = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """How much there is of a customer.

    Args:
        conversations: How many, with those on hold.
        held: How many of them are on hold.
        messages: How many messages stand in them.
        ratings: How many answers the customer rated.
        notes: How many notes staff wrote beside them.
    """

    conversations: int
    held: int
    messages: int
    ratings: int
    notes: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What became of an erasure.

    Args:
        conversations: How many are gone.
        held: How many stay, for they are on hold; with them stays who the customer is.
        is_gone: Whether nothing is left of the customer.
    """

    conversations: int
    held: int
    is_gone: bool


def customers_found(typed: str) -> QuerySet[Customer]:
    """Return the customers with this id at their website, or with this verified e-mail address.

    One id or address may belong to several: each widget's website has ids of its own.
    """
    wanted = typed.strip()
    if not wanted:  # or everybody without an address would be meant
        return Customer.objects.none()
    return Customer.objects.filter(Q(external_id=wanted) | Q(email__iexact=wanted))


def customer_kept(customer: Customer) -> Kept:
    """Count what is kept of a customer."""
    rows = Conversation.objects.filter(customer=customer)
    return Kept(
        conversations=rows.count(),
        held=rows.filter(is_held()).count(),
        messages=Message.objects.filter(conversation__customer=customer).count(),
        ratings=Rating.objects.filter(reply__message__conversation__customer=customer).count(),
        notes=Note.objects.filter(conversation__customer=customer).count(),
    )


def customer_line(customer: Customer) -> str:
    """Return who a customer is as the first line of their data."""
    return line_write(
        {
            "customer": customer.external_id,
            "name": customer.name,
            "email": customer.email,
            "attributes": customer.attributes,
            "widget": customer.widget.name,
            "first_seen": customer.created_at,
            "last_signed_in": customer.seen_at,
        }
    )


def customer_hand_out(
    customer: Customer, *, by: User | None, has_notes: bool
) -> AsyncGenerator[bytes, None]:
    """Note that all that is kept of a customer goes out, and return it as lines of JSON.

    Args:
        customer: Whose data it is.
        by: Who asks for it; None for the command line.
        has_notes: Whether what staff wrote goes along.
    """
    contents = Contents(has_notes=has_notes, has_identity=True)
    deed = deed_begin(
        kind=DeedKind.HANDED_OUT,
        by=by,
        contents=contents,
        style=Style.JSON_LINES,
        customer=customer.pk,
    )
    return exported(
        chosen=Conversation.objects.filter(customer=customer),
        style=Style.JSON_LINES,
        contents=contents,
        deed=deed,
        preface=customer_line(customer),
    )


async def customer_forget(customer: UUID, runs: Runs, by: User | None) -> Forgotten:
    """Erase all that is kept of a customer, everywhere, and end their sessions; noted.

    What is on hold stays, with who the customer is, and so it does while they write at this very
    moment: asked again, it goes on where it stood.

    Args:
        customer: The customer's own id here.
        runs: The replies of this process.
        by: Who erases; None for the command line.
    """
    deed = await db.write(deed_begin, kind=DeedKind.ERASED, by=by, customer=customer)
    await db.write(_sessions_end, customer, by)
    erased = messages = 0
    while batch := await db(_batch, customer):
        for conversation, count in batch:
            try:
                await conversation_forget(conversation, runs)
            except (UnknownConversationError, HeldError):
                continue
            erased += 1
            messages += count
    return await db.write(_finish, deed, customer, erased, messages)


def _sessions_end(customer: UUID, by: User | None) -> None:
    token_subjects_revoke(subjects=[customer], now=timezone.now(), by=by)


def _batch(customer: UUID) -> list[tuple[UUID, int]]:
    rows = Conversation.objects.filter(is_free(), customer=customer)
    return list(rows.values_list("pk", "message_count")[:BATCH])


@transaction.atomic
def _finish(deed: DataDeed, customer: UUID, erased: int, messages: int) -> Forgotten:
    row = Customer.objects.select_for_update().filter(pk=customer).first()
    left = Conversation.objects.filter(customer=customer).count()
    is_on_hold = row is not None and row.holds.filter(lifted_at=None).exists()
    is_gone = not left and not is_on_hold
    if row and is_gone:
        row.delete()
    deed_end(deed, conversations=erased, messages=messages, is_whole=is_gone, held=left)
    return Forgotten(erased, left, is_gone)
