"""Legal holds: while one stands, nobody and nothing erases what it holds.

Each way to erase ends in ``erasure.py``, which asks here under the same locks as holds are set
under: of a hold and an erasure at the same moment one comes first, and the other sees it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from conversations.errors import HeldError
from conversations.models import Conversation, Customer, DataDeed, DeedKind, Hold
from conversations.staff_errors import EmptyReasonError

Holdable = Conversation | Customer


def is_held() -> Q:
    """Return the filter for conversations on hold, or whose customer is."""
    standing = Hold.objects.filter(lifted_at=None)
    of_customers = standing.filter(customer__isnull=False).values("customer")
    of_conversations = standing.filter(conversation__isnull=False).values("conversation")
    return Q(pk__in=of_conversations) | Q(customer__in=of_customers)


def is_free() -> Q:
    """Return the filter for conversations that may be erased."""
    standing = Hold.objects.filter(lifted_at=None)
    held_customers = standing.filter(customer__isnull=False).values("customer")
    held = standing.filter(conversation__isnull=False).values("conversation")
    # Of who has no customer, SQL knows neither that they are in a list nor that they are not.
    return ~Q(pk__in=held) & (Q(customer=None) | ~Q(customer__in=held_customers))


def erasure_prove(conversation: UUID) -> None:
    """Make sure that nothing holds a conversation that the transaction has locked.

    Raises:
        HeldError: A hold stands, on the conversation or on its customer.
    """
    customer = Conversation.objects.filter(pk=conversation).values_list("customer", flat=True)
    _customer_lock(customer.first())
    if Conversation.objects.filter(is_held(), pk=conversation).exists():
        raise HeldError


def holds_of(subject: Holdable) -> QuerySet[Hold]:
    """Return what holds and has held a conversation or a customer, the newest first.

    Of a conversation that is its customer's holds, too.
    """
    rows = Hold.objects.select_related("set_by", "lifted_by", "customer").order_by("-set_at")
    if isinstance(subject, Customer):
        return rows.filter(customer=subject)
    return rows.filter(
        Q(conversation=subject) | Q(customer__isnull=False, customer=subject.customer_id)
    )


@transaction.atomic
def hold_set(*, subject: Holdable, reason: str, by: User, now: datetime) -> Hold:
    """Put a conversation, or all of a customer's, on hold; one that stands already stays.

    Raises:
        EmptyReasonError: Nobody would know why.
        ValidationError: The reason is too long.
    """
    reason = reason.strip()
    if not reason:
        raise EmptyReasonError
    _lock(subject)
    if standing := Hold.objects.filter(_on(subject), lifted_at=None).first():
        return standing
    hold = Hold(**_place(subject), reason=reason, set_by=by, set_at=now)
    hold.clean_fields(exclude={"conversation", "customer", "lifted_by", "lifted_at"})
    hold.save()
    _note(DeedKind.HELD, subject, by, now)
    return hold


@transaction.atomic
def hold_lift(*, subject: Holdable, by: User, now: datetime) -> bool:
    """Lift the hold on a conversation or a customer; False if none stands."""
    _lock(subject)
    standing = Hold.objects.filter(_on(subject), lifted_at=None)
    if not standing.update(lifted_at=now, lifted_by=by):
        return False
    _note(DeedKind.RELEASED, subject, by, now)
    return True


def _place(subject: Holdable) -> dict[str, Holdable]:
    return {"customer" if isinstance(subject, Customer) else "conversation": subject}


def _on(subject: Holdable) -> Q:
    return Q(**_place(subject))


def _lock(subject: Holdable) -> None:
    if isinstance(subject, Customer):
        _customer_lock(subject.pk)
    else:
        list(Conversation.objects.select_for_update().filter(pk=subject.pk).values("pk"))


def _customer_lock(customer: UUID | None) -> None:
    # No more than needed: whoever begins a conversation shares the customer's row meanwhile.
    if customer is not None:
        rows = Customer.objects.select_for_update(no_key=True).filter(pk=customer)
        list(rows.values("pk"))


def _note(kind: DeedKind, subject: Holdable, by: User, now: datetime) -> None:
    DataDeed.objects.create(
        kind=kind,
        by=by,
        by_name=by.get_username(),
        began_at=now,
        ended_at=now,
        is_whole=True,
        **{name: held.pk for name, held in _place(subject).items()},
    )
