"""Versions go live at their hour and go again, once each, in whichever process is up.

A schedule is claimed by one conditional UPDATE in the transaction that moves the pointer: two
processes that find it due at once make one move between them, and a crash makes none or all.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.models import PromptSchedule, PromptTemplate, PromptVersion, ScheduleState
from conversations.prompt_errors import LiveMovedError
from conversations.prompts.pointer import (
    live_move,
    template_lock,
    template_take,
    version_freeze,
)
from conversations.prompts.proof import proof_demand
from conversations.prompts.wallclock import wall_text, zones
from conversations.schedule_errors import (
    EndBeforeStartError,
    NothingToReturnToError,
    PastTimeError,
    ScheduleClosedError,
    ScheduleOverlapError,
    UnknownZoneError,
)

logger = logging.getLogger(__name__)

OPEN = (ScheduleState.WAITING, ScheduleState.RUNNING)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a version comes and goes.

    Args:
        starts_at: When it goes live; None for at once. For what is live already, None as well:
            then only its end is scheduled.
        ends_at: When the version before it comes back; None for never.
        zone: Where the person who chose the hours reads the clock.
    """

    starts_at: datetime | None
    ends_at: datetime | None = None
    zone: str = "UTC"


@transaction.atomic
def schedule_create(
    *,
    version: PromptVersion,
    hours: Hours,
    with_running: bool = False,
    note: str = "",
    despite: str = "",
    by: AbstractBaseUser | None = None,
    now: datetime | None = None,
) -> PromptSchedule:
    """Have a version go live at its hour, and go again at its end if there is one.

    A draft gets its number now, so that nobody changes what will go live.

    Args:
        version: As it was read; a draft that has changed since is not scheduled.
        hours: When.
        with_running: Move running conversations as well, at the start and at the end.
        note: Why, kept with the version, the schedule and its moves.
        despite: Why although test cases fail; kept with the schedule and its moves.
        by: Who schedules.
        now: The clock.

    Raises:
        PublishConflictError: Somebody else published or changed the draft in between.
        SecondPersonError: This person wrote it, and the template asks for somebody else.
        ScheduleError: The hours are past, the wrong way round, or taken; or there is nothing
            that could come back at the end.
        RedCaseError: Test cases fail, and nobody says why that is all right.
        PromptError: There is no such zone, it is live already, or a part of it is at fault.
    """
    now = now or timezone.now()
    template = template_take(version, by)
    _hours_check(template, hours, now)
    reason = proof_demand(template, version, note=note, despite=despite)
    frozen = version_freeze(version, note=note)
    schedule = PromptSchedule(template=template, version=frozen, note=reason)
    schedule.with_running, schedule.scheduled_by_id = with_running, by.pk if by else None
    return _entered(schedule, hours, now)


def _entered(schedule: PromptSchedule, hours: Hours, now: datetime) -> PromptSchedule:
    """Save a schedule with its hours; what is for at once begins."""
    schedule.starts_at, schedule.ends_at = hours.starts_at or now, hours.ends_at
    schedule.zone = hours.zone
    is_for_now = hours.starts_at is None
    if is_for_now and schedule.template.live_id == schedule.version_id:
        _end_append(schedule, schedule.template)
    schedule.save()
    if is_for_now and schedule.state == ScheduleState.WAITING:
        _start(schedule, now)
        schedule.refresh_from_db()
    return schedule


@transaction.atomic
def schedule_cancel(
    *, schedule: PromptSchedule, by: AbstractBaseUser | None = None, now: datetime | None = None
) -> PromptSchedule:
    """Call a schedule off: what has not begun does not begin, what is live stays live.

    Args:
        schedule: As it was read; if it has begun or ended since, nothing happens.
        by: Who cancels.
        now: The clock.

    Raises:
        ScheduleClosedError: It stands elsewhere by now.
    """
    won = PromptSchedule.objects.filter(
        pk=schedule.pk, state=schedule.state, state__in=OPEN
    ).update(
        state=ScheduleState.CANCELLED,
        cancelled_at=now or timezone.now(),
        cancelled_by_id=by.pk if by else None,
    )
    if not won:
        raise ScheduleClosedError
    schedule.refresh_from_db()
    return schedule


def schedules_run(now: datetime | None = None) -> None:
    """Start and end what is due, in the order of the hours; safe to repeat and to overlap."""
    now = now or timezone.now()
    starts = PromptSchedule.objects.filter(state=ScheduleState.WAITING, starts_at__lte=now)
    ends = PromptSchedule.objects.filter(state=ScheduleState.RUNNING, ends_at__lte=now)
    due = [(schedule.starts_at, _start, schedule) for schedule in starts]
    due += [(schedule.ends_at or now, _end, schedule) for schedule in ends]
    for _hour, deed, schedule in sorted(due, key=lambda one: (one[0], one[2].pk)):
        deed(schedule, now)


@transaction.atomic
def _start(schedule: PromptSchedule, now: datetime) -> None:
    template = template_lock(schedule.template)
    state = _state_at_start(schedule, template, now)
    waiting = PromptSchedule.objects.filter(pk=schedule.pk, state=ScheduleState.WAITING)
    if not waiting.update(state=state):
        return
    if state in {ScheduleState.RUNNING, ScheduleState.DONE}:
        move = live_move(
            template,
            to=schedule.version,
            reason=schedule.note,
            by=schedule.scheduled_by,
            with_running=schedule.with_running,
        )
        PromptSchedule.objects.filter(pk=schedule.pk).update(start_move=move)
    logger.info("Schedule %s of %s: %s.", schedule.pk, schedule.version, state)


def _state_at_start(
    schedule: PromptSchedule, template: PromptTemplate, now: datetime
) -> ScheduleState:
    if schedule.ends_at and schedule.ends_at <= now:
        return ScheduleState.MISSED  # no process was up the whole time: its hour is over
    if template.live_id == schedule.version_id:
        return ScheduleState.OVERTAKEN
    return ScheduleState.RUNNING if schedule.ends_at else ScheduleState.DONE


@transaction.atomic
def _end(schedule: PromptSchedule, now: datetime) -> None:
    """Bring back what was live before, unless somebody has moved the pointer since."""
    template = template_lock(schedule.template)
    newest = template.moves.order_by("-pk").first()
    before = newest.moved_from if newest and newest.pk == schedule.start_move_id else None
    state = ScheduleState.DONE if before else ScheduleState.OVERTAKEN
    running = PromptSchedule.objects.filter(
        pk=schedule.pk, state=ScheduleState.RUNNING, ends_at__lte=now
    )
    if not running.update(state=state):
        return
    if before:
        move = live_move(
            template,
            to=before,
            reason=schedule.note,
            by=schedule.scheduled_by,
            with_running=schedule.with_running,
        )
        PromptSchedule.objects.filter(pk=schedule.pk).update(end_move=move)
    logger.info("Schedule %s of %s: %s.", schedule.pk, schedule.version, state)


def _end_append(schedule: PromptSchedule, template: PromptTemplate) -> None:
    """Have what is live already go again: the move that brought it becomes the schedule's."""
    newest = template.moves.order_by("-pk").first()
    if schedule.ends_at is None or newest is None or newest.moved_to_id != template.live_id:
        raise LiveMovedError
    if newest.moved_from_id is None:
        raise NothingToReturnToError
    schedule.start_move = newest
    schedule.state = ScheduleState.RUNNING


def _hours_check(template: PromptTemplate, hours: Hours, now: datetime) -> None:
    if hours.zone not in zones():
        raise UnknownZoneError
    begins, ends_at = hours.starts_at or now, hours.ends_at
    if hours.starts_at is not None and hours.starts_at <= now:
        raise PastTimeError
    if ends_at is not None and ends_at <= begins:
        raise EndBeforeStartError
    if ends_at is not None and template.live_id is None:
        raise NothingToReturnToError
    # Windows that cross or lie in one another would bring back the wrong version at an end.
    until = ends_at or begins
    taken = (
        PromptSchedule.objects.filter(template=template, state__in=OPEN)
        .annotate(until=Coalesce("ends_at", "starts_at"))
        .filter(Q(starts_at__lte=until) & Q(until__gte=begins))
        .select_related("version")
        .first()
    )
    if taken is not None:
        ends = f" → {wall_text(taken.ends_at, taken.zone)}" if taken.ends_at else ""
        raise ScheduleOverlapError(
            f"{taken.version.label}, {wall_text(taken.starts_at, taken.zone)}{ends}"
        )
