"""What was done with people's data, noted before it begins and at its end, without a word of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone

from conversations.export.records import Contents
from conversations.models import DataDeed, DeedKind
from conversations.models.privacy import QUERY_CHARACTERS
from conversations.review.saved_views import query_keep

# Words that somebody searched may be a customer's own, and outlive their erasure here.
HIDDEN = "***"


def deed_begin(
    *,
    kind: DeedKind,
    by: User | None,
    contents: Contents | None = None,
    style: str = "",
    address: str = "",
    conversation: UUID | None = None,
    customer: UUID | None = None,
) -> DataDeed:
    """Note that somebody is about to do something with people's data.

    Args:
        kind: What.
        by: Who; None for the command line.
        contents: What of conversations goes out.
        style: In which format.
        address: The list's query string; of what was searched it is kept only that there was a
            search.
        conversation: Of which one, if it is about one.
        customer: Whose, if it is about one person.
    """
    return DataDeed.objects.create(
        kind=kind,
        by=by,
        by_name=by.get_username() if by else "manage.py",
        began_at=timezone.now(),
        style=style,
        query=filters_keep(address),
        conversation=conversation,
        customer=customer,
        has_notes=bool(contents and contents.has_notes),
        has_identity=bool(contents and contents.has_identity),
    )


def deed_end(
    deed: DataDeed, *, conversations: int, messages: int, is_whole: bool, held: int = 0
) -> None:
    """Note how much it came to, and whether it came to its end."""
    ended: dict[str, Any] = {"ended_at": timezone.now(), "is_whole": is_whole}
    DataDeed.objects.filter(pk=deed.pk).update(
        **ended,
        conversation_count=conversations,
        message_count=messages,
        held_count=held,
    )


def filters_keep(address: str) -> str:
    """Return of a list's query string what chose conversations, without the words searched."""
    kept = QueryDict(query_keep(address), mutable=True)
    if "q" in kept:
        kept["q"] = HIDDEN
    return kept.urlencode(safe="*")[:QUERY_CHARACTERS]
