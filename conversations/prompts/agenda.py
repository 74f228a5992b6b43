"""What will go live and go again, in the order of the hours, and what came of it before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from conversations.models import PromptSchedule, PromptTemplate, ScheduleState

PAST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Event:
    """Something that will happen by itself.

    Args:
        at: The moment.
        schedule: What it belongs to.
        is_end: Whether the version goes; else it comes.
    """

    at: datetime
    schedule: PromptSchedule
    is_end: bool


def schedules_upcoming(template: PromptTemplate | None = None) -> list[Event]:
    """Return what will happen, the next first; of one template, or of all."""
    rows = _rows(template).filter(state__in=(ScheduleState.WAITING, ScheduleState.RUNNING))
    return sorted(
        (event for schedule in rows for event in _events(schedule)),
        key=lambda event: (event.at, event.schedule.pk),
    )


def schedules_past(template: PromptTemplate | None = None) -> list[PromptSchedule]:
    """Return schedules that are over, the newest first; of one template, or of all."""
    over = _rows(template).exclude(state__in=(ScheduleState.WAITING, ScheduleState.RUNNING))
    return list(over.order_by("-starts_at", "-pk")[:PAST_SHOWN])


def _events(schedule: PromptSchedule) -> Iterable[Event]:
    if schedule.state == ScheduleState.WAITING:
        yield Event(schedule.starts_at, schedule, is_end=False)
    if schedule.ends_at is not None:
        yield Event(schedule.ends_at, schedule, is_end=True)


def _rows(template: PromptTemplate | None) -> QuerySet[PromptSchedule]:
    rows = PromptSchedule.objects.select_related(
        "template", "version__template", "scheduled_by", "cancelled_by"
    )
    return rows.filter(template=template) if template else rows
