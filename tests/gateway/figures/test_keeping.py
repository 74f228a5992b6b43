"""Figures are written once for each call, whoever writes, and say the same in every period."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections, transaction
from pytest_django import DjangoAssertNumQueries

from gateway.figures import keeping
from gateway.figures.histogram import Histogram, histogram_of
from gateway.figures.keeping import calls_count, dropped_count, figures_purge, floor_of
from gateway.figures.tally import Facet
from gateway.models import Call, Figure
from gateway.models.figure import Period
from gateway.stores.ledger import Ledger, ledger_write
from tests.gateway.figures.records import AT, failure, record

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.fromtimestamp(AT, UTC)


def row(period: Period, facet: Facet = Facet.ALL, name: str = "", currency: str = "USD") -> Figure:
    return Figure.objects.get(period=period, facet=facet, name=name, currency=currency)


def test_a_call_is_counted_once_in_each_period() -> None:
    calls_count([record()])
    for period in Period:
        figure = row(period)
        assert (figure.calls, figure.attempts, figure.cost) == (1, 1, Decimal("0.5"))
        assert Histogram.decode(bytes(figure.total_times)) == histogram_of([1500])
        assert figure.at == floor_of(NOW, period)


def test_widgets_and_versions_have_no_total_for_ever() -> None:
    calls_count([record()])
    facets = set(Figure.objects.filter(period=Period.EVER).values_list("facet", flat=True))
    assert facets == {Facet.ALL, Facet.MODEL, Facet.KEY}


def test_a_call_belongs_to_the_minute_in_which_it_ended() -> None:
    calls_count([record(started_at=AT - 1, total_seconds=0.5), record(total_seconds=61)])
    minutes = Figure.objects.filter(period=Period.MINUTE, facet=Facet.ALL).order_by("at")
    assert [each.at for each in minutes] == [
        NOW - timedelta(minutes=1),
        NOW + timedelta(minutes=1),
    ]


def test_later_calls_are_added() -> None:
    calls_count([record(total_seconds=1.0)])
    calls_count([record(total_seconds=9.0), failure()])
    hour = row(Period.HOUR)
    assert (hour.calls, hour.total_ms) == (2, 10_000)
    assert Histogram.decode(bytes(hour.total_times)) == histogram_of([1000, 9000])
    assert row(Period.HOUR, currency="").failed == 1


def test_the_ledger_writes_both_or_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("gateway.stores.ledger.calls_count", broken)
    with pytest.raises(RuntimeError):
        ledger_write([record()], [])
    assert not Call.objects.exists()


def test_a_batch_that_is_written_again_is_counted_once() -> None:
    first, second = record(), record()
    ledger_write([first], [])
    ledger_write([first, second, second], [])
    assert row(Period.DAY).calls == 2
    assert Call.objects.count() == 2


def test_a_try_that_was_cancelled_and_commits_after_all_is_counted_once() -> None:
    """It commits in its thread, while the same calls wait to be written with others."""
    first, second = record(), record()
    written = threading.Event()

    def cancelled() -> None:
        try:
            with transaction.atomic():
                ledger_write([first], [])
                written.set()
                time.sleep(0.3)
        finally:
            connections.close_all()

    thread = threading.Thread(target=cancelled)
    thread.start()
    assert written.wait(5)
    ledger_write([first, second], [])
    thread.join(5)
    assert (row(Period.DAY).calls, Call.objects.count()) == (2, 2)


def test_processes_that_count_at_the_same_time_lose_nothing() -> None:
    def count(number: int) -> None:
        try:
            for step in range(10):
                calls_count([record(total_seconds=(number * 10 + step) / 10)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(4)))
    day = row(Period.DAY)
    assert (day.calls, day.total_ms) == (40, sum(n * 100 for n in range(40)))
    assert Histogram.decode(bytes(day.total_times)) == histogram_of(n * 100 for n in range(40))


async def test_what_the_ledger_drops_is_told() -> None:
    ledger = Ledger(max_waiting=2)
    for _ in range(5):
        ledger.call_ended(record(started_at=datetime.now(UTC).timestamp()))
    await ledger.aclose()
    figure = await asyncio.to_thread(_told, Facet.ALL)
    assert (figure.dropped, figure.calls) == (3, 0)


def _told(facet: Facet) -> Figure:
    try:
        return row(Period.EVER, facet, currency="")
    finally:
        connections.close_all()


def test_what_was_dropped_twice_adds_up() -> None:
    dropped_count(3, now=NOW)
    dropped_count(4, now=NOW)
    assert row(Period.MINUTE, currency="").dropped == 7


def test_one_batch_of_calls_asks_the_database_a_fixed_number_of_times(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    calls_count([record()])
    with django_assert_max_num_queries(5):
        calls_count([record() for _ in range(100)])


def test_old_figures_go_and_the_total_stays() -> None:
    for days in (0, 2, 40, 800):
        calls_count([record(started_at=AT - days * 86_400)])
    while figures_purge(now=NOW + timedelta(minutes=1)):
        pass
    kept = {
        period: Figure.objects.filter(period=period, facet=Facet.ALL).count() for period in Period
    }
    assert kept == {Period.EVER: 1, Period.MINUTE: 1, Period.HOUR: 2, Period.DAY: 3}
    assert row(Period.EVER).calls == 4


def test_a_purge_takes_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "PURGE_BATCH", 2)
    calls_count([record()])
    count = Figure.objects.filter(period=Period.MINUTE).count()
    assert figures_purge(now=NOW + timedelta(days=2)) == 2
    assert Figure.objects.filter(period=Period.MINUTE).count() == count - 2
