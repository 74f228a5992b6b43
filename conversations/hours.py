"""Office hours: open or not, and when that changes next. Pure: the moment comes from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
# A week ahead and the rest of today: longer than that nothing stays as it is.
LOOK_AHEAD_DAYS = 8
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})\Z")  # noqa: RUF001 - as people type it


class HoursError(ValueError):
    """These are no hours: not as in 09:00-17:30, backwards, or one into the other."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one day in minutes since midnight; ``end`` does not belong to it."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}–{_clock(self.end)}"  # noqa: RUF001 - between two times


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody is there, each week anew.

    Args:
        zone: In whose clock the days are written.
        week: The spans of Monday to Sunday, each day's in order.
    """

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]

    @property
    def has_any(self) -> bool:
        """Whether there are hours at all; a widget without any says nothing of them."""
        return any(self.week)


def day_read(text: str) -> tuple[Span, ...]:
    """Return the spans of a day as somebody typed them: ``09:00-12:00, 13:00-17:30``.

    Raises:
        HoursError: It is nothing of the kind.
    """
    spans = tuple(sorted(_span(part.strip()) for part in text.split(",") if part.strip()))
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise HoursError(f"{before} / {after}")
    return spans


def hours_of(stored: Any, zone: ZoneInfo) -> Hours:
    """Return stored hours; a day that makes no sense counts as closed."""
    days = stored if isinstance(stored, Mapping) else {}
    return Hours(zone, tuple(_day_stored(days.get(day)) for day in DAYS))


def is_open(hours: Hours, now: datetime) -> bool:
    """Tell whether somebody is there.

    Args:
        hours: When somebody is.
        now: Any aware moment.
    """
    day = now.astimezone(hours.zone).date()
    return any(start <= now < end for start, end in _moments(hours, day))


def next_change(hours: Hours, now: datetime) -> datetime | None:
    """Return when the office opens or closes next, in its own clock; None if it never does."""
    today = now.astimezone(hours.zone).date()
    opened = is_open(hours, now)
    for ahead in range(LOOK_AHEAD_DAYS + 1):
        moments = _moments(hours, today + timedelta(days=ahead))
        for edge in sorted(edge for span in moments for edge in span):
            # Where one day's hours end at midnight and the next day's begin, nothing changes.
            if edge > now and is_open(hours, edge) is not opened:
                return edge.astimezone(hours.zone)
    return None


def _moments(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    for span in hours.week[day.weekday()]:
        yield _moment(day, span.start, hours.zone), _moment(day, span.end, hours.zone)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return a moment of the wall clock in UTC; one that a clock skips is as long after it."""
    days, minute = divmod(minutes, DAY_MINUTES)
    wall = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return wall.astimezone(UTC)


def _day_stored(value: Any) -> tuple[Span, ...]:
    try:
        return day_read(value) if isinstance(value, str) else ()
    except HoursError:
        return ()


def _span(text: str) -> Span:
    found = _SPAN.match(text)
    if not found:
        raise HoursError(text)
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    span = Span(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
    is_clock = from_minute < 60 and to_minute < 60 and span.end <= DAY_MINUTES  # noqa: PLR2004 - minutes
    if not is_clock or span.start >= span.end:
        raise HoursError(text)
    return span


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
