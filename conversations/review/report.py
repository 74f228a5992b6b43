"""How conversations went over some days: counted by the database, in a few queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from conversations.finding.alike import Group
from conversations.models import Conversation, Verdict
from conversations.review.began import Began, hour_of
from conversations.review.choices import language_family, language_q
from conversations.review.questions import questions_grouped
from conversations.review.sums import Key, Sums, sums_read

HOUR_SECONDS, QUARTER_SECONDS = 3600, 900
# Between processes on several hosts; more than any clock is wrong by.
CLOCKS_DIFFER = timedelta(hours=1)

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which conversations a report is about.

    Args:
        began: When they began.
        widget: Only those of this widget.
        language: Only those in this language, as ``language_family`` names it.
        version: Only those that began with this prompt version.
    """

    began: Began
    widget: int | None = None
    language: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """How often staff came to one verdict.

    Args:
        conversations: In how many conversations they did.
        replies: On how many answers.
    """

    conversations: int = 0
    replies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What there is to know of some conversations.

    Args:
        total: All of them.
        verdicts: What staff thought of answers, by ``Judgement``; those that were never given
            are left out.
        widgets: By widget.
        languages: By language.
        versions: By the prompt version they began with.
        hours: How many began in each hour of the week, by ``(weekday, hour)``.
        questions: What was asked first, most often first; only what was asked more than once.
    """

    total: Sums
    verdicts: Mapping[str, Judged]
    widgets: Mapping[int, Sums]
    languages: Mapping[str, Sums]
    versions: Mapping[int, Sums]
    hours: Mapping[tuple[int, int], int]
    questions: Sequence[Group[UUID]]


def report_read(choice: Choice, *, with_questions: bool) -> Report:
    """Return the report, by four queries at the most.

    Args:
        choice: Which conversations.
        with_questions: Whether the reader may see what was asked.
    """
    chosen = conversations_chosen(choice)
    # Nothing is rated, judged or stopped before its conversation begins: what is older is not
    # looked at.
    sums = list(sums_read(chosen, choice.began.stretches()[0][0] - CLOCKS_DIFFER))
    groups = questions_grouped(chosen) if with_questions else []
    return Report(
        total=sum((each for _key, each in sums), Sums()),
        verdicts=_verdicts(choice),
        widgets=_by(sums, lambda key: key[0]),
        versions=_by(sums, lambda key: key[1]),
        languages=_by(sums, lambda key: language_family(key[2])),
        hours=_hours(chosen, choice.began),
        questions=[group for group in groups if len(group.keys) > 1],
    )


def conversations_chosen(choice: Choice) -> QuerySet[Conversation]:
    """Return the conversations that a report is about; the list's filters choose the same."""
    return Conversation.objects.filter(_chosen(choice)).order_by()


def _chosen(choice: Choice) -> Q:
    chosen = choice.began.as_q()
    if choice.widget is not None:
        chosen &= Q(widget=choice.widget)
    if choice.version is not None:
        chosen &= Q(prompt_version=choice.version)
    if (language := language_q(choice.language)) is not None:
        chosen &= language
    return chosen


def _within(chosen: Q, place: str) -> Q:
    """Return a filter of conversations as one of what leads to them."""
    parts = []
    for part in chosen.children:
        match part:
            case Q():
                parts.append(_within(part, place))
            case (str(name), value):
                parts.append(Q(**{f"{place}__{name}": value}))
    return Q(*parts, _connector=chosen.connector, _negated=chosen.negated)


def _verdicts(choice: Choice) -> dict[str, Judged]:
    of = "reply__message__conversation"
    rows = (
        Verdict.objects.filter(_within(_chosen(choice), of))
        .values_list("judgement")
        .annotate(conversations=Count(of, distinct=True), replies=Count("pk"))
    )
    return {judgement: Judged(*counts) for judgement, *counts in rows}


def _by(sums: Iterable[tuple[Key, Sums]], part: Callable[[Key], K]) -> dict[K, Sums]:
    found: dict[K, Sums] = defaultdict(Sums)
    for key, each in sums:
        found[part(key)] += each
    return dict(sorted(found.items(), key=lambda item: -item[1].conversations))


class _Slot(Func):
    """Which of the slots of so many seconds since 1970 a time is in: a number asks for no zone."""

    output_field = IntegerField()

    template = "floor(extract(epoch FROM %(expressions)s) / %(seconds)s)::integer"

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        template = "strftime('%%%%s', %(expressions)s) / %(seconds)s"
        return self.as_sql(compiler, connection, template=template, **context)


def _hours(chosen: QuerySet[Conversation], began: Began) -> dict[tuple[int, int], int]:
    zone = ZoneInfo(began.zone)
    seconds = HOUR_SECONDS if began.has_whole_hours else QUARTER_SECONDS
    slot: Combinable = _Slot(F("created_at"), seconds=seconds)
    rows = chosen.annotate(slot=slot).values_list("slot").annotate(begun=Count("pk"))
    hours: Counter[tuple[int, int]] = Counter()
    for number, count in rows:
        hours[hour_of(datetime.fromtimestamp(number * seconds, UTC), zone)] += count
    return dict(hours)
