"""A row that is made by hand says what the ORM would have written, on either database."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from gateway.engine.telemetry import CallRecord, Outcome
from gateway.engine.types import Priority, Usage
from gateway.models import Call
from gateway.stores.callrows import COLUMNS, calls_insert
from tests.gateway.figures.records import AT, SMALL, attempt, failure, record

pytestmark = pytest.mark.django_db

LABELS = {
    "widget": "7",
    "customer": "é" * 60,
    "conversation": "c-1",
    "reply": "12.1",
    "prompt_version": "3",
    "purpose": "trial",
}
RECORDS = {
    "all": record(labels=LABELS, queue_seconds=0.0126, started_at=AT + 0.123456),
    "nothing": record(
        target=None, usage=None, spent=None, spent_cost=None, cost=None, labels={}, status=None
    ),
    "words": failure(
        attempt(key='ma"in\t\\N\n', error="throttled"), attempt(key="二", wait=1.5), labels=LABELS
    ),
    "spent alone": record(cost=None, usage=None, spent=Usage(7, 0), spent_cost=Decimal("1E-7")),
    "cents": record(cost=Decimal("0.1234567849"), spent_cost=Decimal("999999.99999999")),
    "batch": record(priority=Priority.BATCH, is_cached=True, is_shared=True),
    "cancelled": record(outcome=Outcome.CANCELLED, first_token_seconds=None, total_seconds=-1.0),
}


def attempts_of(record: CallRecord) -> list[dict[str, object]]:
    """Return what the column of attempts holds."""
    return [
        {
            "provider": SMALL.provider,
            "model": SMALL.model,
            "key": each.key_label,
            "wait_ms": round(each.wait_seconds * 1000),
            "status": each.status,
            "error": each.error_code,
            "took_ms": round(each.took_seconds * 1000),
        }
        for each in record.attempts
    ]


def written_by_orm(record: CallRecord) -> Call:
    """Return the row as the ORM writes it, under another key."""
    usage, target = record.usage, record.target
    has_cost = record.cost is not None or record.spent_cost is not None
    first = record.first_token_seconds
    call = Call.objects.create(
        started_at=datetime.fromtimestamp(record.started_at, UTC),
        outcome=record.outcome,
        error_code=record.error_code,
        provider_status=record.status,
        provider=target.provider if target else "",
        model=target.model if target else "",
        key_label=record.key_label,
        attempts=attempts_of(record),
        queue_ms=round(record.queue_seconds * 1000),
        first_token_ms=None if first is None else round(first * 1000),
        total_ms=max(round(record.total_seconds * 1000), 0),
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        cost=record.cost,
        currency=record.currency if has_cost else "",
        spent_tokens=record.spent.total_tokens if record.spent else 0,
        spent_cost=record.spent_cost,
        is_cached=record.is_cached,
        is_shared=record.is_shared,
        is_batch=record.priority is Priority.BATCH,
        **{name: value[:40] for name, value in record.labels.items()},
    )
    return Call.objects.get(pk=call.pk)


def test_every_column_is_filled() -> None:
    fields = Call._meta.concrete_fields  # noqa: SLF001 - Django's documented name
    assert set(COLUMNS) == {field.column for field in fields}


@pytest.mark.parametrize("what", RECORDS)
def test_a_row_is_what_the_orm_would_have_written(what: str) -> None:
    made = RECORDS[what]
    calls_insert([made])
    row, expected = Call.objects.get(pk=uuid.UUID(made.id)), written_by_orm(made)
    for column in COLUMNS[1:]:
        assert getattr(row, column) == getattr(expected, column), column


def test_its_time_is_found_among_times_that_the_orm_asks_for() -> None:
    for part in (0.0, 0.5, 0.999999):
        calls_insert([record(started_at=AT + part)])
    moments = [datetime.fromtimestamp(AT + part, UTC) for part in (0.0, 0.5, 0.999999)]
    assert Call.objects.filter(started_at__gte=moments[1]).count() == 2
    assert Call.objects.filter(started_at__lt=moments[1]).count() == 1
    assert list(Call.objects.order_by("started_at").values_list("started_at", flat=True)) == moments


def test_its_money_adds_up_in_the_database() -> None:
    calls_insert([record(cost=Decimal("0.00000001")) for _ in range(3)])
    assert Call.objects.aggregate(sum=Sum("cost"))["sum"] == Decimal("0.00000003")


def test_of_a_batch_with_one_that_is_there_already_none_is_inserted() -> None:
    there = record()
    calls_insert([there])
    with pytest.raises(IntegrityError), transaction.atomic():
        calls_insert([record(), there])
    assert Call.objects.count() == 1
