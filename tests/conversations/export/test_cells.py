"""No cell is a formula, wherever a spreadsheet believes that it begins."""

from __future__ import annotations

import csv
import time
from io import StringIO

import pytest

from conversations.export.cells import cell, rows_write
from tests.conversations.payloads import ACTING, PAYLOADS

FORMULA = "1+1"
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "  ", "'", '"', "\u3000", "\u200c", "“", '" ', "\xa0"])
def test_what_begins_a_formula_becomes_text(sign: str, before: str) -> None:
    assert cell(f"{before}{sign}{FORMULA}") == f"'{before}{sign}{FORMULA}"


@pytest.mark.parametrize("between", [";", "\t", "\n", "; ", '\n"', "\n\n"])
def test_so_does_what_begins_one_where_semicolons_or_tabs_part_cells(between: str) -> None:
    written = cell(f"a{between}=1+1")
    assert written.rpartition("'")[2].lstrip(' "') == "=1+1"


def test_a_cell_that_begins_with_a_tab_or_a_line_end_becomes_text() -> None:
    assert cell("\tx") == "'\tx"
    assert cell("\nx") == "'\nx"
    assert cell("\rx").startswith("⟦U+000D⟧")


@pytest.mark.parametrize(
    "text", ["a=b", "2 + 2", "e-mail", "x, -y", "ada@shop.example", "", "你好"]
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_numbers_and_what_is_missing_are_no_text() -> None:
    assert (cell(None), cell(7), cell(0.5)) == ("", "7", "0.5")


@pytest.mark.parametrize("text", ["\n" * 200_000, " " * 200_000, "; " * 100_000, "'" * 200_000])
def test_its_time_grows_with_the_text_alone(text: str) -> None:
    began = time.process_time()
    cell(text)
    assert time.process_time() - began < 2


def test_no_payload_leaves_its_cell_or_acts_in_it() -> None:
    payloads = [*PAYLOADS, '","=1+1', '"\r\n"=1+1', '=HYPERLINK("//evil.example")', "@SUM(1)"]
    text = rows_write([[payload, "next"] for payload in payloads])
    assert not set(ACTING) & set(text)
    for delimiter in (",", ";", "\t"):
        for row in csv.reader(StringIO(text), delimiter=delimiter):
            assert not any(
                value.strip(" '\"").startswith(tuple(SIGNS)) for value in row if value[:1] != "'"
            ), row
    assert [len(row) for row in csv.reader(StringIO(text))] == [2] * len(payloads)
