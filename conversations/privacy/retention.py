"""Conversations go once their widget's days are over: some at a time, each as if erased by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from conversations.chat.runs import Runs
from conversations.errors import HeldError, UnknownConversationError
from conversations.models import Conversation, Widget
from conversations.privacy.erasure import conversation_forget
from conversations.privacy.holds import is_free
from gateway.db import db

# So few that a write of a customer's waits for one erasure at the most, and no list grows long.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Outlived:
    """How many conversations of a widget are past their days.

    Args:
        widget: Its name.
        days: How long it keeps them.
        count: How many may go.
        held: How many more would, but for a hold.
    """

    widget: str
    days: int
    count: int
    held: int = 0


def outlived_count(now: datetime) -> list[Outlived]:
    """Return how many conversations each widget with a retention is done with."""
    return [_outlived_of(widget, now) for widget in _retaining()]


async def retention_apply(now: datetime, runs: Runs) -> int:
    """Erase every conversation that has outlived its widget's days, and return how many.

    Safe to repeat and to overlap: what somebody else has erased or put on hold meanwhile is
    passed over, and a conversation in which somebody writes again has its days before it once
    more. What is on hold stays until the hold is lifted.

    Args:
        now: The time.
        runs: The replies of this process; one that still speaks is ended.
    """
    erased = 0
    while batch := await db(_batch, now):
        for conversation in batch:
            try:
                await conversation_forget(conversation, runs)
            except (UnknownConversationError, HeldError):
                continue
            erased += 1
    return erased


def _batch(now: datetime) -> list[UUID]:
    for widget in _retaining():
        rows = _outlived(widget, now).filter(is_free()).order_by("active_at")
        if found := list(rows.values_list("pk", flat=True)[:BATCH]):
            return found
    return []


def _outlived_of(widget: Widget, now: datetime) -> Outlived:
    rows = _outlived(widget, now)
    free = rows.filter(is_free()).count()
    return Outlived(widget.name, widget.retention_days or 0, free, rows.count() - free)


def _retaining() -> QuerySet[Widget]:
    return Widget.objects.filter(retention_days__isnull=False).order_by("pk")


def _outlived(widget: Widget, now: datetime) -> QuerySet[Conversation]:
    until = now - timedelta(days=widget.retention_days or 0)
    return Conversation.objects.filter(widget=widget, active_at__lt=until)
