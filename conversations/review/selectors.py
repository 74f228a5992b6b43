"""Conversations as staff find them: one query for a list of any length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from conversations.models import Conversation, Reply, ReplyStatus

WENT_WRONG = (ReplyStatus.FAILED, ReplyStatus.INTERRUPTED)


def conversations_listed() -> QuerySet[Conversation]:
    """Return conversations with ``last_status``, that of their newest reply, or None."""
    newest = Reply.objects.filter(message__conversation=OuterRef("pk")).order_by(
        F("message__position").desc()
    )
    return Conversation.objects.select_related("widget").annotate(
        last_status=Subquery(newest.values("status")[:1])
    )


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How the last day went.

    Args:
        conversations: How many were active.
        went_wrong: How many of them hold a reply that failed or was interrupted.
        answering: How many replies wait or run right now.
    """

    conversations: int
    went_wrong: int
    answering: int


def review_counts(now: datetime) -> ReviewCounts:
    """Count what happened in the 24 hours before ``now``."""
    since = now - timedelta(days=1)
    replies = Reply.objects.filter(message__conversation__active_at__gte=since).aggregate(
        went_wrong=Count("message__conversation", distinct=True, filter=Q(status__in=WENT_WRONG)),
        answering=Count("pk", filter=Q(status__in=(ReplyStatus.QUEUED, ReplyStatus.RUNNING))),
    )
    return ReviewCounts(
        conversations=Conversation.objects.filter(active_at__gte=since).count(),
        went_wrong=replies["went_wrong"],
        answering=replies["answering"],
    )
