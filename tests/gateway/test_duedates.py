"""A key is good until it expires or gets too old, whichever comes first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.duedates import Due, DueReason, due_date

ADDED = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("days", "expires", "expected"),
    [
        (None, None, None),
        (90, None, Due(date(2026, 4, 1), DueReason.POLICY)),
        (None, date(2026, 3, 1), Due(date(2026, 3, 1), DueReason.EXPIRES)),
        (90, date(2026, 3, 1), Due(date(2026, 3, 1), DueReason.EXPIRES)),
        (30, date(2026, 3, 1), Due(date(2026, 1, 31), DueReason.POLICY)),
    ],
)
def test_the_earlier_day_counts(
    days: int | None, expires: date | None, expected: Due | None
) -> None:
    assert due_date(ADDED, days, expires) == expected


def test_people_are_warned_two_weeks_before_and_told_when_it_is_over() -> None:
    due = Due(date(2026, 4, 1), DueReason.POLICY)
    days = [due.on + timedelta(days=n) for n in (-15, -14, 0, 1)]
    assert [due.is_near(day) for day in days] == [False, True, True, True]
    assert [due.is_over(day) for day in days] == [False, False, False, True]
