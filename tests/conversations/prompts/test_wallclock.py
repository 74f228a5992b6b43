"""A clock on the wall means one moment, or the person is told why not."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompts.wallclock import moment_of, wall_text, zones
from conversations.schedule_errors import (
    AmbiguousTimeError,
    NonexistentTimeError,
    UnknownZoneError,
    WallClockError,
)

wall = partial(datetime, tzinfo=None)  # what a clock shows, before anybody says where

SOME_ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"]


def test_the_clock_of_a_zone_is_read_in_that_zone() -> None:
    shown = wall(2026, 11, 27, 9, 0)
    assert moment_of(shown, "Asia/Shanghai") == datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    assert moment_of(shown, "America/New_York") == datetime(2026, 11, 27, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "zone"),
    [
        (wall(2026, 3, 29, 2, 0), "Europe/Berlin"),
        (wall(2026, 3, 29, 2, 30), "Europe/Berlin"),
        (wall(2026, 10, 4, 2, 15), "Australia/Lord_Howe"),
    ],
)
def test_a_time_that_clocks_skip_is_refused(shown: datetime, zone: str) -> None:
    with pytest.raises(NonexistentTimeError):
        moment_of(shown, zone)


@pytest.mark.parametrize(
    ("shown", "zone"),
    [
        (wall(2026, 10, 25, 2, 0), "Europe/Berlin"),
        (wall(2026, 10, 25, 2, 59), "Europe/Berlin"),
        (wall(2026, 4, 5, 1, 45), "Australia/Lord_Howe"),
    ],
)
def test_a_time_that_clocks_show_twice_is_refused(shown: datetime, zone: str) -> None:
    with pytest.raises(AmbiguousTimeError):
        moment_of(shown, zone)


def test_the_hours_beside_a_change_of_clocks_mean_one_moment() -> None:
    assert moment_of(wall(2026, 3, 29, 3, 0), "Europe/Berlin").hour == 1
    assert moment_of(wall(2026, 10, 25, 3, 0), "Europe/Berlin").hour == 2
    assert moment_of(wall(2026, 10, 25, 1, 59), "Europe/Berlin").hour == 23


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../../etc/passwd", "posixrules"])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZoneError):
        moment_of(wall(2026, 1, 1, 0, 0), zone)


@given(
    shown=st.datetimes(min_value=wall(2025, 1, 1), max_value=wall(2040, 1, 1)),
    zone=st.sampled_from(SOME_ZONES),
)
def test_a_moment_shows_again_what_was_read(shown: datetime, zone: str) -> None:
    try:
        moment = moment_of(shown, zone)
    except WallClockError:
        return
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == shown
    assert moment.utcoffset() == timedelta(0)


def test_the_zones_are_those_that_people_know() -> None:
    assert "UTC" in zones()
    assert "Asia/Shanghai" in zones()
    assert not any(zone.startswith("Etc/") for zone in zones())
    assert list(zones()) == sorted(zones())


def test_a_moment_is_told_with_its_zone() -> None:
    assert wall_text(datetime(2026, 7, 1, 8, 0, tzinfo=UTC), "Europe/Berlin") == (
        "2026-07-01 10:00 Europe/Berlin"
    )
