"""Customers, as the website tells of them, and the chats they bring along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from conversations.identity.claims import Claims
from conversations.identity.owner import Owner
from conversations.models import Conversation, Customer


@transaction.atomic
def customer_recognize(*, widget: int, claims: Claims, now: datetime) -> Customer:
    """Return the customer of these claims, with what the website says of them now.

    What it does not mention stays as it was.
    """
    said: dict[str, Any] = {
        "name": claims.name,
        "email": claims.email,
        "attributes": claims.attributes,
    }
    customer, _is_new = Customer.objects.update_or_create(
        widget_id=widget,
        external_id=claims.subject,
        defaults={
            "seen_at": now,
            **{name: value for name, value in said.items() if value is not None},
        },
    )
    return customer


def conversations_join(*, owner: Owner) -> list[Conversation]:
    """Give a signed-in customer what this browser said before, all or nothing.

    One UPDATE moves them, so that of two tabs that join at once one finds nothing left to do.

    Returns:
        The customer's conversations that have moved, the most recent first.
    """
    if owner.customer is None:
        return []
    with transaction.atomic():
        anonymous = owner.signed_out().conversations().select_for_update()
        moved = list(anonymous.order_by("-active_at"))
        Conversation.objects.filter(pk__in=[row.pk for row in moved]).update(
            customer=owner.customer
        )
    return moved
