"""A report's tables: each number with the way to the conversations it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.admin.conversation_words import language_name
from conversations.admin.csv_file import Cell
from conversations.admin.report_form import list_query
from conversations.models import Conversation, Judgement, PromptVersion, Widget
from conversations.review.access import Access, eyes_on
from conversations.review.report import Choice, Judged, Report
from conversations.review.sums import Sums
from conversations.review.visible import text_visible

MOST_ROWS = 50
MOST_GROUPS = 20
HEAT_STEPS = 4


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and where the conversations are that it counts.

    Args:
        value: What to show; in a file, too.
        query: The list's query string.
        heat: How much it is among its like, from 0 to ``HEAT_STEPS``.
    """

    value: int
    query: str
    heat: int = 0

    @property
    def url(self) -> str:
        """The address of the conversations."""
        return f"{reverse('admin:conversations_conversation_changelist')}?{self.query}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: a name, then numbers and shares in the order of its columns."""

    name: str
    cells: Sequence[Number | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as the page and a file show it.

    Args:
        slug: Its name in addresses.
        title: Its heading.
        name: What its first column holds.
        columns: The others.
        rows: Its lines.
        note: What to know of it.
        empty: What stands in its place if it has no lines.
    """

    slug: str
    title: str
    name: str
    columns: Sequence[str]
    rows: Sequence[Row] = field(default=())
    note: str = ""
    empty: str = ""

    def lines(self) -> list[list[Cell]]:
        """Return it as lines of a file, the first one naming the columns."""
        return [
            [self.name, *self.columns],
            *([row.name, *(_plain(cell) for cell in row.cells)] for row in self.rows),
        ]


def tables_of(report: Report, choice: Choice, access: Access) -> list[Table]:
    """Return a report's tables, in their order; questions only to those who may read."""
    questions = [_questions(report, choice, access)] if access.text else []
    widgets = dict(Widget.objects.filter(pk__in=report.widgets).values_list("pk", "name"))
    versions = PromptVersion.objects.filter(pk__in=report.versions).select_related("template")
    labels = {version.pk: str(version) for version in versions}
    return [
        _sums(choice, ("total", _("Together"), _("Days")), {_("All"): ({}, report.total)}),
        *questions,
        _verdicts(report, choice),
        _hours(report, choice),
        _sums(
            choice,
            ("widgets", _("By widget"), _("Widget")),
            {
                widgets.get(pk, str(pk)): ({"widget": str(pk)}, sums)
                for pk, sums in report.widgets.items()
            },
        ),
        _sums(
            choice,
            ("languages", _("By language"), _("Language")),
            {
                language_name(family): ({"language": family}, sums)
                for family, sums in report.languages.items()
            },
        ),
        _sums(
            choice,
            ("versions", _("By prompt version"), _("Prompt version")),
            {
                labels.get(pk, str(pk)): ({"version": str(pk)}, sums)
                for pk, sums in report.versions.items()
            },
        ),
    ]


def sums_cells(sums: Sums, choice: Choice, **filters: str) -> list[Number | str]:
    """Return a line's cells in the order of the columns of ``_sums``."""

    def number(value: int, **more: str) -> Number:
        return Number(value, list_query(choice, {**filters, **more}))

    return [
        number(sums.conversations),
        number(sums.turns),
        number(sums.helpful, rating="up"),
        number(sums.unhelpful, rating="down"),
        percent(sums.helpful_share),
        number(sums.good, verdict=Judgement.GOOD),
        number(sums.faulted, verdict="faulted"),
        percent(sums.good_share),
        number(sums.failed_replies, sign="failed"),
        number(sums.stopped_replies, sign="stopped"),
    ]


def percent(share: float | None) -> str:
    """Return a share in words that a table has room for; a dash if there is none."""
    return "—" if share is None else f"{100 * share:.0f} %"


def _sums(
    choice: Choice, names: tuple[str, str, str], lines: Mapping[str, tuple[dict[str, str], Sums]]
) -> Table:
    slug, title, name = names
    shown = list(lines.items())[:MOST_ROWS]
    left = len(lines) - len(shown)
    return Table(
        slug=slug,
        title=title,
        name=name,
        columns=[
            *(_("Conversations"), _("Turns"), _("Helpful"), _("Not helpful"), _("Rated helpful")),
            *(_("Judged good"), _("Judged otherwise"), _("Verdicts good")),
            *(_("Failed answers"), _("Stopped answers")),
        ],
        rows=[Row(line, sums_cells(sums, choice, **filters)) for line, (filters, sums) in shown],
        note=ngettext(
            "%(count)d line with fewer conversations is left out.",
            "%(count)d lines with fewer conversations are left out.",
            left,
        )
        % {"count": left}
        if left
        else "",
    )


def _verdicts(report: Report, choice: Choice) -> Table:
    given = [report.verdicts.get(judgement, Judged()) for judgement in Judgement.values]
    judged = sum(each.replies for each in given)

    def cells(judgement: str, each: Judged) -> list[Number | str]:
        query = list_query(choice, {"verdict": judgement})
        share = percent(each.replies / judged)
        return [Number(each.replies, query), share, Number(each.conversations, query)]

    return Table(
        slug="verdicts",
        title=_("Verdicts"),
        name=_("Verdict"),
        columns=[_("Answers"), _("Share of those judged"), _("Conversations")],
        rows=[
            Row(str(judgement.label), cells(judgement, each))
            for judgement, each in zip(Judgement, given, strict=True)
        ]
        if judged
        else [],
        empty=_("No answer of these conversations was judged."),
    )


def _hours(report: Report, choice: Choice) -> Table:
    most = max(report.hours.values(), default=0)

    def number(weekday: int, hour: int) -> Number:
        value = report.hours.get((weekday, hour), 0)
        heat = -(-HEAT_STEPS * value // most) if most else 0
        return Number(value, list_query(choice, {}, hour=(weekday, hour)), heat)

    return Table(
        slug="hours",
        title=_("Busiest hours"),
        name=_("Day"),
        columns=[f"{hour:02}" for hour in range(24)],
        rows=[
            Row(str(WEEKDAYS[weekday]), [number(weekday, hour) for hour in range(24)])
            for weekday in range(7)
        ],
        note=_("Conversations by the hour in which they began, in %(zone)s.")
        % {"zone": choice.began.zone},
    )


def _questions(report: Report, choice: Choice, access: Access) -> Table:
    groups = report.questions[:MOST_GROUPS]
    firsts = {group.keys[0] for group in groups}
    found = Conversation.objects.select_related("customer").in_bulk(firsts)
    rows = []
    for group in groups:
        first: Any = found.get(group.keys[0])
        if first is None:  # erased between two queries
            continue
        words = text_visible(" ".join(eyes_on(first, access).see(group.question).split()))
        query = list_query(choice, {"alike": str(first.pk)})
        rows.append(Row(words, [Number(len(group.keys), query)]))
    return Table(
        slug="questions",
        title=_("Top questions"),
        name=_("The newest of its kind"),
        columns=[_("Conversations")],
        rows=rows,
        empty=_("Nothing was asked twice."),
    )


def _plain(cell: Number | str) -> Cell:
    return cell.value if isinstance(cell, Number) else cell
