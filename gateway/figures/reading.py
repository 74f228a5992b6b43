"""Figures read again: sums over a stretch of time that ends now, whole or step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from gateway.figures.keeping import EPOCH, floor_of
from gateway.figures.tally import COUNTS, HISTOGRAMS, Facet, Tally
from gateway.models.figure import Figure, Period

_COLUMNS = ("at", "name", "currency", "cost", *COUNTS, *HISTOGRAMS)
_FIRST_COUNT = 4
_FIRST_HISTOGRAM = _FIRST_COUNT + len(COUNTS)


@dataclass(slots=True)
class Sums(Tally):
    """A tally over all currencies.

    Args:
        costs: What is known to have been spent, by currency.
    """

    costs: dict[str, Decimal] = field(default_factory=dict)

    @property
    def success_rate(self) -> float | None:
        """The share that succeeded of calls that nobody cancelled; None of none."""
        ended = self.succeeded + self.failed
        return self.succeeded / ended if ended else None

    @property
    def mean_ms(self) -> float | None:
        """How long an answer took on average."""
        return self.total_ms / self.succeeded if self.succeeded else None

    @property
    def first_token_mean_ms(self) -> float | None:
        """How long the first word took on average."""
        times = self.first_times.total
        return self.first_token_ms / times if times else None

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def hit_rate(self) -> float | None:
        """The share of calls that needed no request of their own."""
        return (self.cached + self.shared) / self.calls if self.calls else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time that ends now, cut into steps.

    Args:
        since: Where it begins; a whole step.
        until: Now.
        step: A multiple of ``period``.
        period: Of the rows that are read for each step.
    """

    since: datetime
    until: datetime
    step: timedelta
    period: Period

    @property
    def minutes(self) -> float:
        """How long it is."""
        return (self.until - self.since).total_seconds() / 60

    def starts(self) -> list[datetime]:
        """Return when each step begins, oldest first; the last one is under way."""
        count = -(-(self.until - self.since) // self.step)
        return [self.since + number * self.step for number in range(count)]


def stretch_of(length: timedelta, step: timedelta, now: datetime) -> Stretch:
    """Return the time before now that is so long, its beginning rounded down to a step."""
    seconds = int(step.total_seconds())
    period = Period.HOUR if seconds % Period.HOUR == 0 else Period.MINUTE
    return Stretch(floor_of(now - length, seconds), now, step, period)


def sums_by_step(stretch: Stretch) -> dict[datetime, Sums]:
    """Return the sums of all calls for each step; one without calls holds zeros."""
    found = {start: Sums() for start in stretch.starts()}
    rows = Figure.objects.filter(
        period=stretch.period, facet=Facet.ALL, at__gte=stretch.since, at__lte=stretch.until
    )
    for row in rows.values_list(*_COLUMNS):
        passed = row[0] - stretch.since
        _add(found[stretch.since + passed // stretch.step * stretch.step], row)
    return found


def sums_by_name(stretch: Stretch, facets: Iterable[Facet]) -> dict[Facet, dict[str, Sums]]:
    """Return the sums of each name over the whole stretch, by facet."""
    found: dict[Facet, dict[str, Sums]] = {facet: {} for facet in facets}
    rows = Figure.objects.filter(_cover(stretch), facet__in=found)
    for facet, *row in rows.values_list("facet", *_COLUMNS):
        _add(found[Facet(facet)].setdefault(row[1], Sums()), row)
    return found


def sums_by_day(days: int, now: datetime) -> dict[datetime, Sums]:
    """Return the sums of all calls for each of the last days, today included, on UTC's clock."""
    today = floor_of(now, Period.DAY)
    found = {today - timedelta(days=ago): Sums() for ago in reversed(range(days))}
    rows = Figure.objects.filter(
        period=Period.DAY, facet=Facet.ALL, at__gte=min(found), at__lte=now
    )
    for row in rows.values_list(*_COLUMNS):
        _add(found[row[0]], row)
    return found


def sums_ever(facets: Iterable[Facet]) -> dict[Facet, dict[str, Sums]]:
    """Return what was counted since the beginning, by facet and name."""
    found: dict[Facet, dict[str, Sums]] = {facet: {} for facet in facets}
    rows = Figure.objects.filter(period=Period.EVER, facet__in=found, at=EPOCH)
    for facet, *row in rows.values_list("facet", *_COLUMNS):
        _add(found[Facet(facet)].setdefault(row[1], Sums()), row)
    return found


def _cover(stretch: Stretch) -> Q:
    """Return which rows make up the stretch: as few and as long ones as fit."""
    found, since = Q(pk__in=()), stretch.since
    for period, until in _pieces(stretch):
        if since < until:
            found |= Q(period=period, at__gte=since, at__lt=until)
            since = until
    return found


def _pieces(stretch: Stretch) -> Iterator[tuple[Period, datetime]]:
    # Whatever holds the present holds nothing later, so the end needs no smaller pieces.
    for period, longer in ((Period.MINUTE, Period.HOUR), (Period.HOUR, Period.DAY)):
        start = floor_of(stretch.since, longer)
        is_whole = start == stretch.since
        yield period, start if is_whole else start + timedelta(seconds=longer)
    yield Period.DAY, stretch.until + timedelta(microseconds=1)


def _add(sums: Sums, row: Sequence[Any]) -> None:
    for place, name in enumerate(COUNTS, _FIRST_COUNT):
        if row[place]:
            setattr(sums, name, getattr(sums, name) + row[place])
    if row[2]:
        sums.costs[str(row[2])] = sums.costs.get(str(row[2]), Decimal(0)) + Decimal(str(row[3]))
    for place, name in enumerate(HISTOGRAMS, _FIRST_HISTOGRAM):
        if row[place]:
            getattr(sums, name).merge_encoded(bytes(row[place]))
