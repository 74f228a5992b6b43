"""Prompt templates as editors find them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from conversations.models import (
    PromptMove,
    PromptSchedule,
    PromptSplit,
    PromptTemplate,
    PromptVersion,
    ScheduleState,
)


def templates_listed() -> QuerySet[PromptTemplate]:
    """Return templates with ``has_draft``, ``versions_count`` and ``widgets_count``."""
    drafts = PromptVersion.objects.filter(template=OuterRef("pk"), number=None)
    return PromptTemplate.objects.select_related("live").annotate(
        has_draft=Exists(drafts),
        versions_count=Count("versions__number", distinct=True),
        widgets_count=Count("widgets", distinct=True),
    )


def template_versions(template: PromptTemplate) -> QuerySet[PromptVersion]:
    """Return the template's numbered versions, newest first, and what became of them.

    Each has ``was_live``, ``is_waiting`` for its hour, and ``is_tested`` on customers.
    """
    moves = PromptMove.objects.filter(moved_to=OuterRef("pk"))
    tested = PromptSplit.objects.filter(challenger=OuterRef("pk"), ended_at=None)
    waiting = PromptSchedule.objects.filter(version=OuterRef("pk"), state=ScheduleState.WAITING)
    return (
        template.versions.filter(number__isnull=False)
        .select_related("author")
        .annotate(was_live=Exists(moves), is_waiting=Exists(waiting), is_tested=Exists(tested))
    )


def template_moves(template: PromptTemplate) -> QuerySet[PromptMove]:
    """Return how the live pointer moved, newest first, with ``is_scheduled``."""
    by_itself = PromptSchedule.objects.filter(
        Q(start_move=OuterRef("pk"), starts_at__gt=F("scheduled_at")) | Q(end_move=OuterRef("pk"))
    )
    return template.moves.select_related("moved_from", "moved_to", "moved_by").annotate(
        is_scheduled=Exists(by_itself)
    )


@dataclass(frozen=True, slots=True)
class PromptCounts:
    """What waits for an editor.

    Args:
        drafts: Templates whose draft is not published.
        silent: Templates that have nothing live while a widget uses them.
        templates: All of them.
    """

    drafts: int
    silent: int
    templates: int


def prompt_counts() -> PromptCounts:
    """Count what waits for an editor."""
    return PromptCounts(
        drafts=PromptVersion.objects.filter(number=None).count(),
        silent=PromptTemplate.objects.filter(live=None, widgets__isnull=False).distinct().count(),
        templates=PromptTemplate.objects.count(),
    )


def template_models() -> dict[str, str]:
    """Return every model that a live version asks for, in words, by ``provider/model``."""
    routes = PromptTemplate.objects.exclude(live=None).values_list("live__route", flat=True)
    hops = (hop for route in routes for hop in route)
    return {f"{provider}/{model}": f"{provider} / {model}" for provider, model in hops}


def version_names(labels: Iterable[str]) -> dict[str, str]:
    """Return the words for these prompt versions, by the label that calls carry."""
    versions = PromptVersion.objects.select_related("template").filter(
        pk__in=[label for label in labels if label.isdecimal()]
    )
    return {str(version.pk): str(version) for version in versions}
