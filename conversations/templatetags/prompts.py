"""What pages about prompts need in templates: ``{% load prompts %}``."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from conversations.admin.prompt_settings import language_name
from conversations.models import PromptSchedule, ScheduleState
from conversations.prompts.compare import stretches_fold
from conversations.prompts.wallclock import wall_text
from gateway.admin_parts.cells import BAD, GOOD, QUIET, RUNNING, WARNING, state_cell

TONES = {
    ScheduleState.WAITING: RUNNING,
    ScheduleState.RUNNING: RUNNING,
    ScheduleState.DONE: GOOD,
    ScheduleState.OVERTAKEN: WARNING,
    ScheduleState.MISSED: BAD,
    ScheduleState.CANCELLED: QUIET,
}

register = template.Library()
register.filter("language_name", language_name)
register.filter("wall", wall_text)
register.filter("folded", stretches_fold)


@register.filter
def wall_time(moment: datetime, zone: str) -> str:
    """Return day and time on a clock in this zone, for where the zone stands beside it."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


@register.filter
def schedule_state(schedule: PromptSchedule) -> SafeString:
    """Return where a schedule stands, as a label."""
    state = ScheduleState(schedule.state)
    return state_cell(TONES[state], state.label)
