"""Figures written down: every count goes to its minute, its hour, its day and the total, at once.

So nothing has to be rolled up later, a question about a month reads days and not minutes, and
each period says the same. Several processes add to the same rows: a row is locked before its
histograms are read and merged.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import F

from gateway.engine.telemetry import CallRecord
from gateway.figures.histogram import Histogram
from gateway.figures.tally import COUNTS, HISTOGRAMS, Facet, Place, Tally, sum_of, tallies_of
from gateway.models.figure import Figure, Period
from gateway.prepared import Update, parameters_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Minutes for the day that is looked at closely, hours for a month, days for two years.
KEEP = {
    Period.MINUTE: timedelta(hours=26),
    Period.HOUR: timedelta(days=32),
    Period.DAY: timedelta(days=730),
}
# What monitors count from the beginning on; the rest is of no use there.
EVER = frozenset({Facet.ALL, Facet.MODEL, Facet.KEY, Facet.ERROR, Facet.TROUBLE})
PURGE_BATCH = 1000

Row: TypeAlias = tuple[Period, datetime, Place]


def calls_count(records: Iterable[CallRecord]) -> None:
    """Add calls to the figures; whoever calls sees to it that none is counted twice.

    A call belongs to the minute in which it ended, for only then something is known of it.
    """
    by_minute: dict[int, list[CallRecord]] = {}
    for record in records:
        minute = int(record.started_at + record.total_seconds) // Period.MINUTE
        by_minute.setdefault(minute, []).append(record)
    found: dict[Row, Tally] = {}
    for minute, group in by_minute.items():
        at = datetime.fromtimestamp(minute * Period.MINUTE, UTC)
        _spread(found, at, tallies_of(group))
    rows_add(found)


def dropped_count(dropped: int, *, now: datetime) -> None:
    """Say that so many calls were lost before they could be written down."""
    found: dict[Row, Tally] = {}
    _spread(found, now, {Place(Facet.ALL, ""): Tally(dropped=dropped)})
    rows_add(found)


def figures_purge(*, now: datetime) -> int:
    """Delete one batch of the figures that are older than is kept, and return how many."""
    deleted = 0
    for period, age in KEEP.items():
        old = Figure.objects.filter(period=period, at__lt=now - age).values("pk")[:PURGE_BATCH]
        deleted += Figure.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
    return deleted


def floor_of(moment: datetime, period: int) -> datetime:
    """Return when the period began that a moment is in, on UTC's clock; 0 is one for ever."""
    if not period:
        return EPOCH
    return moment - timedelta(seconds=(moment - EPOCH).total_seconds() % period)


def rows_add(tallies: Mapping[Row, Tally]) -> None:
    """Add these sums to what the rows hold already."""
    wanted = {row_id(row): (row, tally) for row, tally in tallies.items()}
    names = sorted(wanted)
    with transaction.atomic(savepoint=False):
        held = _lock(names)
        missing = [name for name in names if name not in held]
        if missing:
            new = [_new(name, wanted[name][0]) for name in missing]
            Figure.objects.bulk_create(new, ignore_conflicts=True)
            held |= _lock(missing)
        merge = cache(_merged)
        _ADD.run_many(_added(name, held[name], wanted[name][1], merge) for name in names)


def row_id(row: Row) -> uuid.UUID:
    """Return the id of the row for a place in a period."""
    period, at, place = row
    told = "\0".join((str(int(period)), at.isoformat(), *place))
    return uuid.UUID(bytes=blake2b(told.encode(), digest_size=16).digest())


def _spread(found: dict[Row, Tally], moment: datetime, tallies: Mapping[Place, Tally]) -> None:
    for period in Period:
        at = floor_of(moment, period)
        for place, tally in tallies.items():
            if period is Period.EVER and place.facet not in EVER:
                continue
            row = (period, at, place)
            known = found.get(row)
            # What is only there once is the same tally in each period, and stays as it is.
            found[row] = tally if known is None else sum_of(known, tally)


def _lock(names: Iterable[uuid.UUID]) -> dict[uuid.UUID, Sequence[Any]]:
    # In order, so that two processes never wait for each other.
    rows = Figure.objects.select_for_update().order_by("pk").filter(pk__in=list(names))
    return {name: held for name, *held in rows.values_list("pk", "cost", *HISTOGRAMS)}


def _new(name: uuid.UUID, row: Row) -> Figure:
    period, at, place = row
    return Figure(
        id=name, period=period, at=at, facet=place.facet, name=place.name, currency=place.currency
    )


_VALUES = parameters_of(Figure, "id", "cost", *COUNTS, *HISTOGRAMS)
# The database adds whole numbers. It would round costs, and cannot merge histograms.
_ADD = Update(
    lambda: Figure.objects.filter(id=_VALUES["id"]),
    **{name: F(name) + _VALUES[name] for name in COUNTS},
    **{name: _VALUES[name] for name in ("cost", *HISTOGRAMS)},
)


def _added(
    name: uuid.UUID,
    held: Sequence[Any],
    tally: Tally,
    merge: Callable[[bytes, bytes], bytes],
) -> dict[str, Any]:
    """Return the values of ``_ADD`` for a row, given its cost and histograms so far."""
    cost, *histograms = held
    values = {count: getattr(tally, count) for count in COUNTS}
    values |= {"id": name, "cost": cost + tally.cost}
    for which, encoded in zip(HISTOGRAMS, histograms, strict=True):
        more: Histogram = getattr(tally, which)
        values[which] = merge(bytes(encoded), more.encode()) if more.counts else encoded
    return values


def _merged(encoded: bytes, more: bytes) -> bytes:
    """Return both as one; where a site has one model, most rows of a batch ask for the same."""
    return Histogram.decode(more).added_to(encoded)
