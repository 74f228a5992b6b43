"""Whose conversations: the one place that every route and frame asks."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from conversations.models import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A browser on a widget, or the customer who is signed in there; the two never mix.

    Args:
        widget: The widget's id.
        visitor: The browser.
        customer: Who is signed in; None for nobody.
    """

    widget: int
    visitor: UUID
    customer: UUID | None = None

    @property
    def id(self) -> UUID:
        """Return what stands for the owner in counts and labels."""
        return self.customer or self.visitor

    def conversations(self) -> QuerySet[Conversation]:
        """Return the owner's conversations: a customer's from every device, or the browser's."""
        rows = Conversation.objects.filter(widget=self.widget)
        if self.customer is not None:
            return rows.filter(customer=self.customer)
        return rows.filter(visitor=self.visitor, customer=None)

    def signed_out(self) -> Owner:
        """Return the same browser with nobody signed in."""
        return Owner(widget=self.widget, visitor=self.visitor)
