"""A table as a file for a spreadsheet, in which no cell acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from conversations.export.cells import BYTE_ORDER_MARK, rows_write

Cell = str | int | float | None


def csv_response(name: str, rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return rows as a file to be kept.

    Args:
        name: The file's, without its ending.
        rows: The first names the columns.
    """
    text = BYTE_ORDER_MARK + rows_write(rows)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
