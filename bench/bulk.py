"""Rows by the hundred thousand, written as fast as a database takes them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

Row = dict[str, Any]


def rows_write(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Write rows as fast as the database takes them; what they do not say is as by default."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented name
    defaults = {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in fields
        if field.column not in rows[0]
    }
    table, columns = model._meta.db_table, [*rows[0], *defaults]  # noqa: SLF001 - as above
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([*row.values(), *defaults.values()])
            return
        places = ", ".join(["%s"] * len(columns))
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 - names of ours
            [[*map(_as_sqlite, row.values()), *defaults.values()] for row in rows],
        )


def _as_sqlite(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value


def numbers_set(model: type[models.Model]) -> None:
    """Let the database's own numbering go on behind ours."""
    if connection.vendor == "postgresql":
        table = model._meta.db_table  # noqa: SLF001 - as above
        with connection.cursor() as cursor:
            next_key = f"setval(pg_get_serial_sequence('{table}', 'id'), max(id))"
            cursor.execute(f"SELECT {next_key} FROM {table}")  # noqa: S608 - a name of ours
