"""Drafts of a template, and versions that wait for their hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversations.models import PromptSchedule, PromptTemplate, PromptVersion
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_create, schedules_run
from conversations.prompts.services import draft_save, version_to_edit

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def editable(template: PromptTemplate) -> PromptVersion:
    version = version_to_edit(template)
    assert version is not None
    return version


def draft(template: PromptTemplate, instructions: str = "Sale!") -> PromptVersion:
    return draft_save(
        template=template,
        content=PromptContent(instructions=instructions),
        seen=editable(template).changed_at,
    )


def schedule(
    version: PromptVersion, start: float | None = 1, end: float | None = None
) -> PromptSchedule:
    """Schedule a version so many hours after noon."""
    return schedule_create(
        version=version,
        hours=Hours(
            None if start is None else NOON + start * HOUR,
            None if end is None else NOON + end * HOUR,
        ),
        now=NOON,
        note="Black Friday",
    )


def live(template: PromptTemplate) -> int | None:
    version = PromptTemplate.objects.select_related("live").get(pk=template.pk).live
    return version.number if version else None


def run(hours: float) -> None:
    schedules_run(NOON + hours * HOUR)


def state(row: PromptSchedule) -> str:
    row.refresh_from_db()
    return row.state
