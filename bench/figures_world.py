"""A million calls and full figures in an empty database, and how long reading takes there."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.contrib.auth.models import User  # noqa: E402 - as above
from django.core.management import call_command  # noqa: E402 - as above
from django.db import connection  # noqa: E402 - as above
from django.test import Client  # noqa: E402 - as above
from django.utils import timezone  # noqa: E402 - as above

from gateway.dashboard.board import SPANS  # noqa: E402 - as above
from gateway.figures.histogram import histogram_of  # noqa: E402 - as above
from gateway.figures.keeping import KEEP, Row, floor_of, row_id  # noqa: E402 - as above
from gateway.figures.reading import (  # noqa: E402 - as above
    stretch_of,
    sums_by_day,
    sums_by_name,
    sums_by_step,
)
from gateway.figures.tally import COUNTS, HISTOGRAMS, Facet, Place, Tally  # noqa: E402 - as above
from gateway.models import Call, Figure  # noqa: E402 - as above

ROUNDS = 9
FIRST = 1000  # calls that are made one by one; the rest are copies of them
LIVE = "/admin/gateway/dashboard/live/?range=30d"
PER_MINUTE = 23  # a million in 30 days
NAMES = {
    Facet.ALL: [""],
    Facet.PROVIDER: ["ours"],
    Facet.MODEL: [f"ours/model-{n}" for n in range(5)],
    Facet.KEY: [f"ours/key {n}" for n in range(10)],
    Facet.WIDGET: [str(n) for n in range(4)],
    Facet.VERSION: [str(n) for n in range(4)],
    Facet.ERROR: ["overloaded", "transient", "throttled"],
    Facet.TROUBLE: ["overloaded", "transient", "throttled", "stream_broken"],
}


def calls_seed(calls: int) -> None:
    """Write calls down, spread over 30 days."""
    rng, now = random.Random(9), timezone.now()
    Call.objects.bulk_create(_call(rng, now, number) for number in range(min(FIRST, calls)))
    names = [field.column for field in Call._meta.concrete_fields]  # noqa: SLF001 - no other way
    kept = [name for name in names if name not in {"id", "started_at"}]
    is_sqlite = connection.vendor == "sqlite"
    new_id = "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"
    moved = (
        "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (abs(random()) % 2592000) || ' seconds')"
        if is_sqlite
        else "now() - random() * interval '30 days'"
    )
    columns = ", ".join(f'"{name}"' for name in kept)
    with connection.cursor() as cursor:
        while (have := Call.objects.count()) < calls:
            cursor.execute(
                f"INSERT INTO gateway_call (id, started_at, {columns}) "  # noqa: S608 - our own names
                f"SELECT {new_id}, {moved}, {columns} FROM gateway_call LIMIT {calls - have}"
            )


def _call(rng: random.Random, now: datetime, number: int) -> Call:
    has_failed = rng.random() < 0.02  # noqa: PLR2004 - one in fifty
    key = f"key {rng.randrange(10)}"
    return Call(
        started_at=now - timedelta(days=30) * rng.random(),
        outcome="failed" if has_failed else "succeeded",
        error_code="overloaded" if has_failed else "",
        provider="ours",
        model=f"model-{rng.randrange(5)}",
        key_label=key,
        attempts=[{"provider": "ours", "model": "m", "key": key, "error": ""}],
        total_ms=rng.randrange(200, 9000),
        prompt_tokens=600,
        completion_tokens=80,
        spent_tokens=680,
        spent_cost=Decimal("0.0004"),
        cost=Decimal("0.0004"),
        currency="USD",
        widget=str(number % 4),
        customer=str(number),
        conversation=f"conversation-{number}",
    )


def figures_seed() -> int:
    """Fill every period that is kept, and return how many rows that took."""
    rng, now = random.Random(9), timezone.now()
    written = 0
    for period, age in KEEP.items():
        calls = PER_MINUTE * int(period) // 60
        pools = {
            facet: [_tally(rng, calls // len(n)) for _ in range(8)] for facet, n in NAMES.items()
        }
        start = floor_of(now - age, period)
        rows: list[Figure] = []
        for step in range(int(age.total_seconds()) // int(period) + 1):
            at = start + timedelta(seconds=int(period) * step)
            rows += [
                _figure((period, at, Place(facet, name, "USD")), *rng.choice(pools[facet]))
                for facet, each in NAMES.items()
                for name in each
            ]
        Figure.objects.bulk_create(rows, batch_size=500)
        written += len(rows)
    return written


def _figure(row: Row, tally: Tally, histograms: tuple[bytes, ...]) -> Figure:
    period, at, place = row
    return Figure(
        id=row_id(row),
        period=period,
        at=at,
        facet=place.facet,
        name=place.name,
        currency=place.currency,
        cost=tally.cost,
        **{count: getattr(tally, count) for count in COUNTS},
        **dict(zip(HISTOGRAMS, histograms, strict=True)),
    )


def _tally(rng: random.Random, calls: int) -> tuple[Tally, tuple[bytes, ...]]:
    """Return made-up sums of so many calls, with their histograms as they are kept."""
    calls = max(calls, 1)
    samples = min(calls, 3000)  # more fill no more buckets
    tally = Tally(
        calls=calls,
        succeeded=calls - calls // 50,
        failed=calls // 50,
        attempts=calls,
        total_ms=calls * 2500,
        prompt_tokens=600 * calls,
        completion_tokens=80 * calls,
        cost=Decimal("0.0004") * calls,
    )
    scales = (2500, 400, 60)
    return tally, tuple(
        histogram_of(int(rng.lognormvariate(0, 0.6) * scale) for _ in range(samples)).encode()
        for scale in scales
    )


def size_mb() -> float:
    """Return what the figures weigh, indexes included."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA page_count")
            (pages,) = cursor.fetchone()
            cursor.execute("PRAGMA page_size")
            (size,) = cursor.fetchone()
            return float(pages * size) / 1e6
        cursor.execute("SELECT pg_total_relation_size('gateway_figure')")
        (size,) = cursor.fetchone()
        return float(size) / 1e6


def measure(calls: int) -> dict[str, float]:
    """Fill the database of this process, and return what reading it takes."""
    call_command("migrate", verbosity=0)
    owner = User.objects.create_superuser("owner")
    before = size_mb()
    rows = figures_seed()
    weighed = size_mb() - (before if connection.vendor == "sqlite" else 0)
    calls_seed(calls)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(owner)
    span, host = SPANS["30d"], settings.SITE_URL.partition("://")[2]

    def question() -> None:
        now = timezone.now()
        stretch = stretch_of(span.length, span.step, now)
        sums_by_step(stretch)
        sums_by_name(stretch, list(Facet))
        sums_by_day(30, now)

    def page() -> None:
        assert client.get(LIVE, headers={"host": host}).status_code == 200  # noqa: PLR2004, S101

    timed = {**_timed("the question", question), **_timed("the whole dashboard", page)}
    return {**timed, "rows of figures": rows, "figures on disk, MB": weighed}


def _timed(name: str, work: Callable[[], None]) -> dict[str, float]:
    spent, worked = [], []
    for _ in range(ROUNDS):
        began, began_work = time.perf_counter(), time.process_time()
        work()
        spent.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - began_work))
    return {
        f"{name}, ms": median(spent),
        f"of it CPU, {name}": median(worked),
        f"{name}, quickest, ms": min(spent),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
