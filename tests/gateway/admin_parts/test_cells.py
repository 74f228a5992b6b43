"""Cells say moments, durations and amounts the way people do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.admin_parts import cells

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=7), "Nov. 16, 2026"),
        (-timedelta(seconds=20), "in a moment"),
        (-timedelta(minutes=5), "in 5 minutes"),
        (-timedelta(hours=3), "in 3 hours"),
    ],
)
def test_a_moment_is_told_by_how_far_it_is(ago: timedelta, words: str) -> None:
    assert cells.moment_relative(NOW - ago, NOW) == words


def test_the_exact_moment_is_kept_for_machines_and_for_the_hover() -> None:
    cell = str(cells.moment_cell(NOW - timedelta(minutes=2), NOW))
    assert 'datetime="2026-11-23T17:58:00+00:00"' in cell
    assert 'title="Nov. 23, 2026, 17:58:00 UTC"' in cell
    assert ">2 minutes ago<" in cell


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (None, "—"),
        (0, "0 ms"),
        (999, "999 ms"),
        (1000, "1.0 s"),
        (2310, "2.3 s"),
        (59_999, "60.0 s"),
        (60_000, "1 min 0 s"),
        (125_000, "2 min 5 s"),
    ],
)
def test_a_duration_has_the_unit_of_its_size(milliseconds: int | None, words: str) -> None:
    assert cells.duration(milliseconds) == words


def test_an_unknown_cost_is_not_zero() -> None:
    assert cells.money(None, "USD") == "—"
    assert cells.money(Decimal("0.00012"), "USD") == "0.0001 USD"


def test_a_state_escapes_what_it_is_given() -> None:
    cell = cells.state_cell(cells.BAD, "<b>", '"onmouseover="x')
    assert "<b>" not in cell
    assert 'title="&quot;onmouseover=&quot;x"' in cell
