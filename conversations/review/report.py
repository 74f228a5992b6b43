"""How conversations went over some days: counted by the database, in a few queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from conversations.finding.alike import Group
from conversations.models import (
    Conversation,
    Judgement,
    Rating,
    RatingValue,
    Verdict,
)
from conversations.review.began import Began, hour_of
from conversations.review.choices import SIGNS, Sign, language_family, language_q
from conversations.review.questions import questions_grouped
from conversations.review.selectors import (
    conversations_faulted,
    conversations_judged,
    conversations_of,
    replies_stopped,
)

QUARTER_SECONDS = 900
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
class Sums:
    """Conversations of some kind, and what they hold; where not said, conversations are counted.

    Args:
        conversations: How many there are.
        turns: How many questions and answers they hold.
        helpful: In how many the customer rated an answer so.
        unhelpful: In how many otherwise.
        good: In how many staff judged an answer good.
        faulted: In how many otherwise.
        failed: In how many an answer failed or broke off.
        failed_replies: How many answers did.
        stopped: In how many the customer stopped an answer.
        stopped_replies: How many answers they stopped.
    """

    conversations: int = 0
    turns: int = 0
    helpful: int = 0
    unhelpful: int = 0
    good: int = 0
    faulted: int = 0
    failed: int = 0
    failed_replies: int = 0
    stopped: int = 0
    stopped_replies: int = 0

    def __add__(self, other: Sums) -> Sums:
        """Return both together."""
        return Sums(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

    @property
    def helpful_share(self) -> float | None:
        """Which share of the ratings' conversations has a thumb up; None without ratings."""
        return _share(self.helpful, self.unhelpful)

    @property
    def good_share(self) -> float | None:
        """Which share of the verdicts' conversations was judged good; None without verdicts."""
        return _share(self.good, self.faulted)


COUNTED = tuple(field.name for field in fields(Sums))


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
    """Return the report, by five queries at the most.

    Args:
        choice: Which conversations.
        with_questions: Whether the reader may see what was asked.
    """
    chosen = conversations_chosen(choice)
    sums = list(_sums(choice))
    groups = questions_grouped(chosen) if with_questions else []
    return Report(
        total=sum((each for _key, each in sums), Sums()),
        verdicts=_verdicts(choice),
        widgets=_by(sums, lambda key: key[0]),
        versions=_by(sums, lambda key: key[1]),
        languages=_by(sums, lambda key: language_family(key[2])),
        hours=_hours(chosen, ZoneInfo(choice.began.zone)),
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


Key = tuple[int, int, str]


def _sums(choice: Choice) -> Iterable[tuple[Key, Sums]]:
    """Yield the sums of each widget, version and locale: what is asked for is made of these."""
    # Nothing is rated, judged or stopped before its conversation begins: what is older is not
    # looked at.
    since = choice.began.stretches()[0][0] - CLOCKS_DIFFER

    def rated(value: RatingValue) -> Q:
        return Q(pk__in=conversations_of(Rating.objects.filter(value=value, rated_at__gte=since)))

    stopped = _stopped(choice, since)
    rows = (
        conversations_chosen(choice)
        .values_list("widget", "prompt_version", "locale")
        .annotate(
            all_conversations=Count("pk"),
            all_turns=Sum((F("message_count") + 1) / 2),
            up=Count("pk", filter=rated(RatingValue.UP)),
            down=Count("pk", filter=rated(RatingValue.DOWN)),
            good=Count("pk", filter=Q(pk__in=conversations_judged(Judgement.GOOD, since))),
            faulted=Count("pk", filter=Q(pk__in=conversations_faulted(since))),
            broken=Count("pk", filter=SIGNS[Sign.FAILED]),
            broken_replies=Sum("failed_count"),
        )
    )
    for widget, version, locale, *counts in rows:
        key = (widget, version, locale)
        yield key, Sums(*counts, *stopped.get(key, ()))


def _stopped(choice: Choice, since: datetime) -> dict[Key, Sequence[int]]:
    """Return in how many conversations of each kind answers were stopped, and how many."""
    of = "message__conversation"
    rows = (
        replies_stopped()
        .filter(_within(_chosen(choice), of), message__created_at__gte=since)
        .values_list(f"{of}__widget", f"{of}__prompt_version", f"{of}__locale")
        .annotate(conversations=Count(of, distinct=True), replies=Count("pk"))
    )
    return {(widget, version, locale): counts for widget, version, locale, *counts in rows}


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


class _Quarter(Func):
    """Which quarter of an hour since 1970 a time is in: a number, so that no zone is asked."""

    output_field = IntegerField()

    template = "floor(extract(epoch FROM %(expressions)s) / 900)::integer"

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        template = "strftime('%%%%s', %(expressions)s) / 900"
        return self.as_sql(compiler, connection, template=template, **context)


def _hours(chosen: QuerySet[Conversation], zone: ZoneInfo) -> dict[tuple[int, int], int]:
    quarter: Combinable = _Quarter(F("created_at"))
    rows = chosen.annotate(quarter=quarter).values_list("quarter").annotate(begun=Count("pk"))
    hours: Counter[tuple[int, int]] = Counter()
    for number, count in rows:
        hours[hour_of(datetime.fromtimestamp(number * QUARTER_SECONDS, UTC), zone)] += count
    return dict(hours)


def _share(ups: int, downs: int) -> float | None:
    return ups / (ups + downs) if ups or downs else None
