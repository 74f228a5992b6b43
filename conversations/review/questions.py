"""What customers ask first, most often: the newest first messages, put together by their words."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from conversations.finding.alike import Group, group_with, groups_of
from conversations.models import Conversation

# Beyond these, what was asked is old, and comparing takes long.
MOST_QUESTIONS = 1_000


def questions_grouped(conversations: QuerySet[Conversation]) -> list[Group[UUID]]:
    """Return the newest first messages of conversations in groups, the largest first."""
    newest = conversations.exclude(opening="").order_by("-created_at", "pk")
    return groups_of(newest.values_list("pk", "opening")[:MOST_QUESTIONS])


def conversations_alike(conversations: QuerySet[Conversation], one: UUID) -> QuerySet[Conversation]:
    """Narrow conversations down to those in whose group one of them is; none if it is in none."""
    group = group_with(questions_grouped(conversations), one)
    return conversations.filter(pk__in=group.keys) if group else conversations.none()
