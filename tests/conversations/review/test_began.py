"""Days and hours of the week are those of the reader's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from conversations.review.began import MOST_DAYS, Began, began_parse, hour_of

WEEK = Began(date(2026, 3, 23), date(2026, 3, 29), "Europe/Berlin")


@pytest.mark.parametrize(
    "began",
    [
        WEEK,
        Began(WEEK.first, WEEK.last, "UTC", (0, 9)),
        Began(WEEK.first, WEEK.first, "Asia/Tokyo"),
    ],
)
def test_it_is_read_as_it_was_written(began: Began) -> None:
    assert began_parse(str(began), "UTC") == began


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-03-01",
        "2026-03-02..2026-03-01",
        "2026-02-30..2026-03-01",
        "2026-01-01..2028-01-01",
        "2026-03-01..2026-03-02@7-1",
        "2026-03-01..2026-03-02@1-24",
        "2026-03-01..2026-03-02~Mars/Base",
        "2026-03-01..2026-03-02~../../etc/passwd",
        "9999-12-31..9999-12-31",
    ],
)
def test_what_names_no_days_is_none(written: str) -> None:
    assert began_parse(written, "UTC") is None


def test_the_zone_of_the_site_counts_where_none_is_named() -> None:
    assert began_parse("2026-03-01..2026-03-01", "Asia/Tokyo") == Began(
        date(2026, 3, 1), date(2026, 3, 1), "Asia/Tokyo"
    )


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
@pytest.mark.parametrize("last", [date(2026, 3, 29), date(2026, 10, 31)])
def test_the_hours_of_the_week_share_the_days_among_them_also_when_clocks_are_set(
    zone: str, last: date
) -> None:
    first = last - timedelta(days=8)
    (whole,) = Began(first, last, zone).stretches()
    found: list[tuple[datetime, datetime]] = []
    for weekday in range(7):
        for hour in range(24):
            stretches = Began(first, last, zone, (weekday, hour)).stretches()
            for since, until in stretches:
                assert hour_of(since, ZoneInfo(zone)) == (weekday, hour)
                assert hour_of(until - timedelta(seconds=1), ZoneInfo(zone)) == (weekday, hour)
            found += stretches
    found.sort()
    assert (found[0][0], found[-1][1]) == whole
    assert all(one[1] == next_[0] for one, next_ in pairwise(found))


def test_an_hour_that_was_set_away_is_empty_and_one_that_came_twice_is_two_hours_long() -> None:
    spring = Began(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin", (6, 2))
    autumn = Began(date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin", (6, 2))
    assert spring.stretches() == []
    assert autumn.stretches() == [
        (datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC))
    ]


def test_a_year_is_the_most() -> None:
    first = date(2024, 1, 1)
    assert began_parse(str(Began(first, first + timedelta(MOST_DAYS - 1), "UTC")), "UTC")
    assert began_parse(str(Began(first, first + timedelta(MOST_DAYS), "UTC")), "UTC") is None


@pytest.mark.parametrize(
    ("zone", "month", "is_whole"),
    [
        ("UTC", 3, True),
        ("Europe/Berlin", 3, True),  # clocks are set in it
        ("Asia/Kathmandu", 3, False),
        ("Australia/Lord_Howe", 1, True),  # eleven hours away from UTC in summer
        ("Australia/Lord_Howe", 4, False),  # and ten and a half from its second Sunday on
    ],
)
def test_it_is_known_where_hours_do_not_begin_on_utcs(
    zone: str, month: int, *, is_whole: bool
) -> None:
    assert Began(date(2026, month, 1), date(2026, month, 28), zone).has_whole_hours is is_whole
