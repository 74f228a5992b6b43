"""Conversations as staff find them: one query for a list of any length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from conversations.models import (
    Conversation,
    Judgement,
    Message,
    Rating,
    RatingValue,
    Reading,
    Reply,
    ReplyStatus,
    SavedView,
    TeamMessage,
    Verdict,
)
from conversations.models.conversation import OPEN_STATUSES


def conversations_listed() -> QuerySet[Conversation]:
    """Return conversations with what their rows in the list name.

    ``thumbs_up`` and ``thumbs_down`` are how many answers the customer rated so,
    ``waits_for_team`` whether something that they left for the team is open.
    """
    return (
        Conversation.objects.select_related(
            *("widget", "prompt_version__template", "customer"),
            *("review__reviewer", "review__done_by"),
        )
        .only(
            *("opening", "visitor", "locale", "message_count", "created_at", "active_at"),
            *("outcome", "failed_count", "has_asked_for_human", "most_repeated", "tokens"),
            *("widget__name", "prompt_version__number", "prompt_version__template__name"),
            *("attributes", "page_url", "customer__name", "customer__external_id"),
            *("customer__email", "customer__attributes"),
            *("review__reviewed_count", "review__assigned_at"),
            *("review__reviewer__username", "review__done_by__username"),
        )
        .annotate(
            thumbs_up=_thumbs(RatingValue.UP),
            thumbs_down=_thumbs(RatingValue.DOWN),
            waits_for_team=Exists(
                TeamMessage.objects.filter(conversation=OuterRef("pk"), closed_at=None)
            ),
        )
    )


def conversations_faulted() -> QuerySet[Message, Any]:
    """Return the ids of conversations with a reply that staff judged other than good."""
    return conversations_of(Verdict.objects.exclude(judgement=Judgement.GOOD))


def conversations_judged(judgement: str) -> QuerySet[Message, Any]:
    """Return the ids of conversations with a reply that staff judged so.

    Args:
        judgement: One of ``Judgement``.
    """
    return conversations_of(Verdict.objects.filter(judgement=judgement))


def conversations_of(opinions: QuerySet[Any]) -> QuerySet[Message, Any]:
    """Return the ids of the conversations with these ratings or verdicts."""
    # An opinion's key is its reply's, and that is its message's: replies need not be read.
    messages = Message.objects.filter(pk__in=opinions.values("reply"))
    return messages.values_list("conversation", flat=True)


def replies_stopped() -> QuerySet[Reply]:
    """Return the replies that the customer stopped."""
    # Written out: SQLite sees only then that the index of stopped replies holds them all.
    return Reply.objects.filter(status=RawSQL(f"'{ReplyStatus.STOPPED}'", ()))  # noqa: S611 - a constant of ours


def conversations_stopped() -> QuerySet[Reply, Any]:
    """Return the ids of conversations with a reply that the customer stopped."""
    return replies_stopped().values_list("message__conversation", flat=True)


def conversations_rated(
    conversations: QuerySet[Conversation], value: str
) -> QuerySet[Conversation]:
    """Return those in which the customer rated at least one answer so."""
    return conversations.filter(Exists(_ratings(value)))


def _ratings(value: str) -> QuerySet[Rating]:
    return Rating.objects.filter(reply__message__conversation=OuterRef("pk"), value=value)


def _thumbs(value: RatingValue) -> Coalesce:
    rows = _ratings(value).order_by().values("reply__message__conversation")
    return Coalesce(Subquery(rows.annotate(thumbs=Count("pk")).values("thumbs")), 0)


def views_of(person: User, *, knows_names: bool = True) -> list[SavedView]:
    """Return the saved views that somebody may use: their own, then those shared with all.

    Args:
        person: Who chooses.
        knows_names: Whether they may see who customers are: others' searches may name somebody.
    """
    views = SavedView.objects.filter(Q(owner=person) | Q(is_shared=True)).select_related("owner")
    if not knows_names:
        views = views.exclude(~Q(owner=person), Q(query__startswith="q="))
    return sorted(views, key=lambda view: (view.owner_id != person.pk, view.name))


def readings_of(conversation: Conversation, limit: int = 20) -> list[Reading]:
    """Return who read a conversation and when, the latest first."""
    return list(conversation.readings.order_by("-read_at")[:limit])


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How the last day went.

    Args:
        conversations: How many were active.
        went_wrong: How many of them hold a reply that failed or was interrupted.
        disliked: How many of them hold an answer that the customer found of no help.
        answering: How many replies wait or run right now.
        for_team: How many conversations hold a message that the team has not closed, of any age.
    """

    conversations: int
    went_wrong: int
    disliked: int
    answering: int
    for_team: int


def review_counts(now: datetime) -> ReviewCounts:
    """Count what happened in the 24 hours before ``now``."""
    active = Conversation.objects.filter(active_at__gte=now - timedelta(days=1))
    return ReviewCounts(
        conversations=active.count(),
        went_wrong=active.filter(failed_count__gt=0).count(),
        disliked=conversations_rated(active, RatingValue.DOWN).count(),
        answering=Reply.objects.filter(status__in=OPEN_STATUSES).count(),
        for_team=TeamMessage.objects.filter(closed_at=None)
        .values("conversation")
        .distinct()
        .count(),
    )
