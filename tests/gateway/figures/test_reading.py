"""A stretch of time is read from as few rows as make it up, and misses and doubles nothing."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.figures.histogram import histogram_of
from gateway.figures.keeping import calls_count, floor_of
from gateway.figures.reading import (
    Stretch,
    Sums,
    stretch_of,
    sums_by_day,
    sums_by_name,
    sums_by_step,
    sums_ever,
)
from gateway.figures.tally import Facet
from gateway.models.figure import Period
from tests.gateway.figures.records import attempt, failure, record

NOW = datetime(2026, 11, 25, 12, 34, 56, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STRETCHES = [
    (timedelta(minutes=15), MINUTE),
    (HOUR, MINUTE),
    (6 * HOUR, 5 * MINUTE),
    (DAY, 15 * MINUTE),
    (7 * DAY, HOUR),
    (30 * DAY, 6 * HOUR),
]


def call(at: datetime, **changes: object) -> None:
    calls_count([record(started_at=at.timestamp(), total_seconds=0.5, **changes)])


@pytest.mark.django_db
@pytest.mark.parametrize(("length", "step"), STRETCHES)
def test_steps_and_names_agree_with_the_calls_of_the_stretch(
    length: timedelta, step: timedelta
) -> None:
    rand = random.Random(7)
    moments = [NOW - timedelta(seconds=rand.uniform(1, 32 * 86_400)) for _ in range(60)]
    moments += [NOW - timedelta(seconds=rand.uniform(1, 7 * 3600)) for _ in range(60)]
    for moment in moments:
        call(moment)
    stretch = stretch_of(length, step, NOW)
    inside = [moment for moment in moments if moment + timedelta(seconds=0.5) >= stretch.since]
    assert stretch.since <= NOW - length < stretch.since + step
    steps = sums_by_step(stretch)
    assert sum(sums.calls for sums in steps.values()) == len(inside)
    for start, sums in steps.items():
        ended = [moment + timedelta(seconds=0.5) for moment in inside]
        assert sums.calls == sum(start <= moment < start + step for moment in ended)
    names = sums_by_name(stretch, [Facet.ALL, Facet.KEY])
    assert names[Facet.ALL][""].calls == names[Facet.KEY]["ours/a"].calls == len(inside)
    assert names[Facet.ALL][""].total_times == histogram_of([500] * len(inside))


@pytest.mark.django_db
@pytest.mark.parametrize("since", [NOW.replace(hour=0, minute=0), NOW.replace(hour=11, minute=0)])
def test_a_stretch_that_begins_with_a_whole_period_is_complete(since: datetime) -> None:
    since = since.replace(second=0)
    for moment in (since - MINUTE, since, since + timedelta(minutes=59), since + HOUR):
        call(moment)
    stretch = Stretch(since, NOW, MINUTE, Period.MINUTE)
    assert sums_by_name(stretch, [Facet.ALL])[Facet.ALL][""].calls == 3


@pytest.mark.django_db
def test_a_step_without_calls_is_there_and_empty() -> None:
    steps = sums_by_step(stretch_of(timedelta(minutes=15), MINUTE, NOW))
    assert len(steps) == 16
    assert {sums.calls for sums in steps.values()} == {0}
    assert list(steps)[-1] == floor_of(NOW, 60)


@pytest.mark.django_db
def test_costs_of_two_currencies_stay_apart_and_calls_add_up() -> None:
    call(NOW - MINUTE, cost=Decimal("0.25"))
    call(NOW - MINUTE, cost=Decimal(3), currency="EUR")
    calls_count([failure(started_at=NOW.timestamp(), total_seconds=0)])
    [sums] = sums_by_name(stretch_of(HOUR, MINUTE, NOW), [Facet.ALL])[Facet.ALL].values()
    assert sums.costs == {"USD": Decimal("0.25"), "EUR": Decimal(3)}
    assert (sums.calls, sums.success_rate) == (3, 2 / 3)


@pytest.mark.django_db
def test_days_are_told_on_the_clock_that_budgets_use() -> None:
    call(NOW - 2 * DAY)
    call(NOW)
    days = sums_by_day(7, NOW)
    assert len(days) == 7
    today = datetime(2026, 11, 25, tzinfo=UTC)
    assert {day: sums.calls for day, sums in days.items() if sums.calls} == {
        today - 2 * DAY: 1,
        today: 1,
    }
    assert days[today].costs == {"USD": Decimal("0.5")}


@pytest.mark.django_db
def test_what_was_counted_since_the_beginning_is_told() -> None:
    call(NOW - 900 * DAY)
    calls_count([record(attempt("b"), started_at=NOW.timestamp())])
    ever = sums_ever([Facet.ALL, Facet.KEY])
    assert ever[Facet.ALL][""].calls == 2
    assert set(ever[Facet.KEY]) == {"ours/a", "ours/b"}


def test_of_nothing_there_is_no_rate_and_no_mean() -> None:
    sums = Sums()
    assert (sums.success_rate, sums.mean_ms, sums.first_token_mean_ms, sums.hit_rate) == (
        None,
        None,
        None,
        None,
    )


def test_means_and_rates_are_what_they_say() -> None:
    sums = Sums(calls=10, succeeded=6, failed=2, cached=1, shared=2, total_ms=1200)
    sums.first_times, sums.first_token_ms = histogram_of([100, 300]), 400
    sums.prompt_tokens, sums.completion_tokens = 3, 4
    assert (sums.success_rate, sums.mean_ms, sums.hit_rate) == (0.75, 200, 0.3)
    assert (sums.first_token_mean_ms, sums.tokens) == (200, 7)


def test_a_stretch_knows_its_minutes() -> None:
    stretch = stretch_of(timedelta(minutes=15), MINUTE, NOW)
    assert stretch.minutes == pytest.approx(15 + 56 / 60)
