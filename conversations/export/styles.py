"""The two shapes of an export: a table for people, and lines for programs. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.export.cells import BYTE_ORDER_MARK, rows_write
from conversations.export.lines import line_write
from conversations.export.records import MESSAGE_FIELDS, VERDICT_FIELDS, Contents, Record

CONVERSATION_COLUMNS = (
    *("conversation", "widget", "started", "last_activity", "outcome", "language", "prompt"),
    *("prompt_version", "is_verified", "has_asked_for_human"),
)
IDENTITY_COLUMNS = (
    *("visitor", "page", "website_says", "customer_id", "customer_name", "customer_email"),
)


class Style(models.TextChoices):
    """How an export is written."""

    CSV = "csv", _("Table for spreadsheets (CSV)")
    JSON_LINES = "jsonl", _("Lines for programs (JSON Lines)")


@dataclass(frozen=True, slots=True)
class Writing:
    """How records become a file.

    Args:
        content_type: What the browser is told.
        head: What stands before the first record.
        write: Returns records as they stand in the file.
    """

    content_type: str
    head: Callable[[Contents], str]
    write: Callable[[Sequence[Record], Contents], str]


def columns(contents: Contents) -> list[str]:
    """Return the names of a table's columns: one row is one message."""
    return [
        *CONVERSATION_COLUMNS,
        *(IDENTITY_COLUMNS if contents.has_identity else ()),
        *MESSAGE_FIELDS,
        *((*VERDICT_FIELDS, "notes") if contents.has_notes else ()),
    ]


def _table_head(contents: Contents) -> str:
    return BYTE_ORDER_MARK + rows_write([columns(contents)])


def _table_write(records: Sequence[Record], contents: Contents) -> str:
    names = columns(contents)
    return rows_write(
        [_value(row.get(name)) for name in names] for record in records for row in _rows(record)
    )


def _rows(record: Record) -> Iterator[Record]:
    """Return a row for each message; a conversation's notes stand in its first one."""
    notes = "\n".join(f"{note['author']}: {note['text']}" for note in record.get("notes", ()))
    for number, message in enumerate(record["messages"] or [{}]):
        yield {**record, **message, "notes": "" if number else notes}


def _value(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _lines_write(records: Sequence[Record], _contents: Contents) -> str:
    return "".join(map(line_write, records))


WRITINGS = MappingProxyType(
    {
        Style.CSV: Writing("text/csv; charset=utf-8", _table_head, _table_write),
        Style.JSON_LINES: Writing(
            "application/jsonl; charset=utf-8", lambda _contents: "", _lines_write
        ),
    }
)
