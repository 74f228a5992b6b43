"""Text as a spreadsheet may show it: no cell is a formula. Pure.

After OWASP's "CSV Injection". Programs begin a formula at ``=``, ``+``, ``-`` or ``@``, some at
their full-width forms, some behind blanks or quotes; an apostrophe before them makes it text. One
that takes semicolons or tabs for what separates cells finds more beginnings inside of a text, so
these get theirs, too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from conversations.review.visible import text_visible

# So that spreadsheets read UTF-8, which Chinese needs.
BYTE_ORDER_MARK = "\ufeff"

# What programs may pass over before a formula: blanks and quotes, but nothing that begins a cell,
# so that no character is looked at from two beginnings.
_PASSED = " \u00a0\u1680\u2000-\u200d\u202f\u205f\u3000\u00ad'\"`\u2018-\u201f\uff02\uff07"
_FORMULA = re.compile(f"(?:\\A|(?<=[;\t\n]))(?=[{_PASSED}]*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_BLANK = re.compile("\\A(?=[\t\n])")


def cell(value: object) -> str:
    """Return a value as a cell: what acts is shown by its name, and no formula begins."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    return _BLANK.sub("'", _FORMULA.sub("'", text_visible(value)))


def rows_write(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV, each cell in quotes, lines ended as RFC 4180 has it."""
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
