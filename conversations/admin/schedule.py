"""The calendar of all templates: what will go live and go again, and what did."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from conversations.admin.prompt_links import may_publish
from conversations.models import PromptSchedule
from conversations.prompts.agenda import Event, schedules_past, schedules_upcoming
from gateway.admin_parts.page import ReadOnlyPage


@admin.register(PromptSchedule)
class PromptScheduleAdmin(ReadOnlyPage[PromptSchedule]):
    """When which version comes and goes."""

    list_display = ("version", "starts_at", "ends_at", "zone", "state", "scheduled_by")
    fields = (
        *("template", "version", "starts_at", "ends_at", "zone", "with_running", "note"),
        *("state", "start_move", "end_move", "scheduled_by", "scheduled_at"),
        *("cancelled_by", "cancelled_at"),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the days to come, then what is over."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "crumbs": [],
            "days": days(schedules_upcoming()),
            "past": schedules_past(),
            "may_publish": may_publish(request),
        }
        return TemplateResponse(
            request, "admin/conversations/promptschedule/calendar.html", context
        )


def days(events: list[Event]) -> list[tuple[date, list[Event]]]:
    """Return events by the day that the clock shows there where their hours were chosen."""
    in_order = sorted(events, key=lambda event: (_day(event), event.at))
    return [(day, list(those)) for day, those in groupby(in_order, key=_day)]


def _day(event: Event) -> date:
    return event.at.astimezone(ZoneInfo(event.schedule.zone)).date()
