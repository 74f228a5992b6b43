"""Numbers are said as people say them; what is not known is not zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.dashboard import words


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (None, "—"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50.0 %"),
        (0.99999, "99.9 %"),
        (0.9994, "99.9 %"),
    ],
)
def test_only_what_is_whole_is_a_hundred_percent(share: float | None, told: str) -> None:
    assert words.percent(share) == told


def test_small_rates_keep_a_place() -> None:
    assert [words.rate(value) for value in (0, 0.04, 0.26, 9.94, 10.4, 12345)] == [
        "0",
        "0.0",
        "0.3",
        "9.9",
        "10",
        "12,345",
    ]


def test_currencies_stay_apart_and_nothing_is_a_dash() -> None:
    assert words.costs({"USD": Decimal("1.234"), "EUR": Decimal(2)}) == "2.00 EUR + 1.23 USD"
    assert words.costs({}) == "—"


def test_an_unknown_duration_is_a_dash() -> None:
    assert (words.duration(None), words.duration(12.6)) == ("—", "13 ms")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (timedelta(minutes=5), "09:30"),
        (timedelta(hours=2), "November 25, 09:30"),
        (timedelta(days=1), "November 25"),
    ],
)
def test_a_long_step_is_told_by_its_day(step: timedelta, told: str) -> None:
    assert words.step_start(datetime(2026, 11, 25, 9, 30, tzinfo=UTC), step) == told
