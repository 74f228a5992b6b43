"""Hours are a wall clock's: the tests freeze a moment and ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.hours import (
    DAYS,
    Hours,
    HoursError,
    Span,
    day_read,
    hours_of,
    is_open,
    next_change,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = dict.fromkeys(DAYS[:5], "09:00-12:00, 13:00-17:30")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(**week: str) -> Hours:
    return hours_of(week or OFFICE, BERLIN)


def test_a_day_is_read_as_people_type_it() -> None:
    morning, afternoon = Span(540, 720), Span(780, 1050)
    for text in ("9:00-12:00,13:00-17:30", " 13:00 – 17:30 , 09:00—12:00 "):  # noqa: RUF001
        assert day_read(text) == (morning, afternoon)
    assert day_read(" , ") == ()
    assert day_read("00:00-24:00") == (Span(0, 1440),)
    assert [str(span) for span in day_read("9:00-24:00")] == ["09:00–24:00"]  # noqa: RUF001


@pytest.mark.parametrize(
    "text",
    [
        *(
            "9",
            "9-17",
            "09:00",
            "09:00-",
            "9:00-8:00",
            "09:00-09:00",
            "09:00-25:00",
            "9:60-10:00",
            "9:00-9:60",
        ),
        *("09:00-24:01", "09:00-12:00 13:00-17:00", "09:00-12:00, 11:00-13:00", "09:00-17:00h"),
        *("22:00-02:00", "09.00-17.00", "٠٩:00-17:00x"),
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(HoursError):
        day_read(text)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        ("2026-11-23 08:59:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 11:59:59", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 13:00", True),
        ("2026-11-23 17:30", False),
        ("2026-11-28 10:00", False),
    ],
)
def test_it_is_open_from_the_first_minute_to_before_the_last(moment: str, opened: bool) -> None:  # noqa: FBT001
    assert is_open(hours(), at(moment)) is opened


def test_the_offices_clock_counts_not_the_askers() -> None:
    assert is_open(hours(), at("2026-11-23 03:30", ZoneInfo("America/New_York")))
    assert not is_open(
        hours(), at("2026-11-23 09:30", ZoneInfo("America/New_York")) + timedelta(hours=4)
    )


@pytest.mark.parametrize(
    ("moment", "change"),
    [
        ("2026-11-23 08:00", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-23 12:00"),
        ("2026-11-23 12:00", "2026-11-23 13:00"),
        ("2026-11-27 18:00", "2026-11-30 09:00"),
        ("2026-11-29 23:59", "2026-11-30 09:00"),
    ],
)
def test_it_knows_when_that_changes_next(moment: str, change: str) -> None:
    assert next_change(hours(), at(moment)) == at(change)


def test_an_office_that_opens_once_a_week_is_found_a_week_ahead() -> None:
    assert next_change(hours(mon="09:00-10:00"), at("2026-11-23 09:00")) == at("2026-11-23 10:00")
    assert next_change(hours(mon="09:00-10:00"), at("2026-11-23 10:00")) == at("2026-11-30 09:00")


def test_midnight_between_two_open_days_changes_nothing() -> None:
    night = hours(fri="20:00-24:00", sat="00:00-02:00")
    assert is_open(night, at("2026-11-28 00:00"))
    assert next_change(night, at("2026-11-27 21:00")) == at("2026-11-28 02:00")


def test_who_never_closes_or_never_opens_never_changes() -> None:
    always = hours(**dict.fromkeys(DAYS, "00:00-24:00"))
    assert is_open(always, at("2026-11-23 03:00"))
    assert next_change(always, at("2026-11-23 03:00")) is None
    never = hours_of({}, BERLIN)
    assert not never.has_any
    assert next_change(never, at("2026-11-23 03:00")) is None


def test_the_wall_clock_stays_when_summer_time_begins() -> None:
    office = hours(**dict.fromkeys(DAYS, "09:00-17:00"))
    # 28 to 29 March 2026: the night has one hour less.
    change = next_change(office, at("2026-03-28 17:00"))
    assert change == at("2026-03-29 09:00")
    assert change - at("2026-03-28 17:00").astimezone(UTC) == timedelta(hours=15)


def test_the_wall_clock_stays_when_summer_time_ends() -> None:
    office = hours(**dict.fromkeys(DAYS, "09:00-17:00"))
    change = next_change(office, at("2026-10-24 17:00"))
    assert change is not None
    assert change - at("2026-10-24 17:00").astimezone(UTC) == timedelta(hours=17)


def test_an_hour_that_a_clock_skips_is_not_open_twice_or_backwards() -> None:
    # At 02:00 the clock jumps to 03:00, and what begins at 02:30 begins at 03:30.
    night = hours(sun="02:30-05:00")
    assert not is_open(night, datetime(2026, 3, 29, 1, 15, tzinfo=UTC))
    assert is_open(night, datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert not is_open(night, datetime(2026, 3, 29, 3, 0, tzinfo=UTC))


def test_an_hour_that_comes_twice_is_open_both_times() -> None:
    night = hours(sun="01:00-04:00")
    for hour_utc in (0, 1):  # 02:30 in summer time, then 02:30 in winter time
        assert is_open(night, datetime(2026, 10, 25, hour_utc, 30, tzinfo=UTC))


@pytest.mark.parametrize("stored", [None, [], "x", {"mon": 7}, {"mon": "nonsense"}, {"day": "9"}])
def test_stored_hours_that_make_no_sense_are_closed(stored: Any) -> None:
    assert not hours_of(stored, BERLIN).has_any


spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda pair: pair[0] < pair[1])


@given(
    st.dictionaries(st.sampled_from(DAYS), spans),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - in UTC below
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "UTC"]),
)
def test_before_the_next_change_nothing_changes_and_after_it_something_has(
    week: dict[str, tuple[int, int]], moment: datetime, zone: str
) -> None:
    office = Hours(
        ZoneInfo(zone), tuple((Span(*week[day]),) if day in week else () for day in DAYS)
    )
    now = moment.replace(tzinfo=UTC)
    opened, change = is_open(office, now), next_change(office, now)
    if change is None:
        assert not opened or len(week) == len(DAYS)
        return
    assert change > now
    assert is_open(office, change) is not opened
    assert is_open(office, change.astimezone(UTC) - timedelta(seconds=1)) is opened
