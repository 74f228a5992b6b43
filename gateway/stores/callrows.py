"""The rows of calls, made and inserted at the least cost: a busy site writes hundreds a second.

Values are made in the text that SQLite and PostgreSQL both take, so that nothing is prepared once
more, column by column, for either. A test holds each of them against what the ORM writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from json import JSONEncoder
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any, overload

from django.db import connection

from gateway.engine.telemetry import CallRecord
from gateway.engine.types import Priority
from gateway.models import Call

if TYPE_CHECKING:
    from decimal import Decimal

LABELS = ("widget", "customer", "conversation", "reply", "prompt_version", "purpose")
COLUMNS = (
    "id",
    "started_at",
    "outcome",
    "error_code",
    "provider_status",
    "provider",
    "model",
    "key_label",
    "attempts",
    "queue_ms",
    "first_token_ms",
    "total_ms",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "currency",
    "spent_tokens",
    "spent_cost",
    "is_cached",
    "is_shared",
    "is_batch",
    *LABELS,
)
_TABLE = f"{Call._meta.db_table} ({', '.join(COLUMNS)})"  # noqa: SLF001 - Django's documented name
# The names are ours, and COPY is what PostgreSQL takes many rows by with the least work.
_COPY = f"COPY {_TABLE} FROM STDIN"
_INSERT = f"INSERT INTO {_TABLE} VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608 - as above
_json = JSONEncoder(check_circular=False).encode

Row = tuple[Any, ...]


def calls_insert(records: Iterable[CallRecord]) -> None:
    """Insert a row for each of these calls, in the transaction that is open.

    Raises:
        IntegrityError: One of them was inserted before; then none is now.
    """
    rows = map(_row, records)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(_INSERT, list(rows))


def _row(record: CallRecord) -> Row:
    usage, spent, target, label = record.usage, record.spent, record.target, record.labels.get
    cost, spent_cost = record.cost, record.spent_cost
    return (
        record.id.replace("-", ""),
        _time(record.started_at),
        record.outcome.value,
        record.error_code,
        record.status,
        target.provider if target else "",
        target.model[:120] if target else "",
        record.key_label,
        _attempts(record),
        _ms(record.queue_seconds),
        _ms(record.first_token_seconds),
        _ms(record.total_seconds),
        usage.prompt_tokens if usage else None,
        usage.completion_tokens if usage else None,
        _money(cost),
        "" if cost is None and spent_cost is None else record.currency,
        spent.total_tokens if spent else 0,
        _money(spent_cost),
        record.is_cached,
        record.is_shared,
        record.priority is Priority.BATCH,
        *[label(name, "")[:40] for name in LABELS],
    )


def _attempts(record: CallRecord) -> str:
    return _json(
        [
            {
                "provider": attempt.target.provider,
                "model": attempt.target.model,
                "key": attempt.key_label,
                "wait_ms": _ms(attempt.wait_seconds),
                "status": attempt.status,
                "error": attempt.error_code,
                "took_ms": _ms(attempt.took_seconds),
            }
            for attempt in record.attempts
        ]
    )


def _time(moment: float) -> str:
    """Return a moment as Django writes it where a database has no zones; sessions are in UTC."""
    second, part = divmod(round(moment * 1_000_000), 1_000_000)
    return f"{_second(second)}.{part:06}" if part else _second(second)


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return strftime("%Y-%m-%d %H:%M:%S", gmtime(second))


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.8f}"


@overload
def _ms(seconds: float) -> int: ...
@overload
def _ms(seconds: float | None) -> int | None: ...
def _ms(seconds: float | None) -> int | None:
    if seconds is None:
        return None
    return round(seconds * 1000) if seconds > 0 else 0
