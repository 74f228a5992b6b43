"""The days on which conversations began, and hours of their week, as an address has them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

# A leap year: what is asked of the database stays small.
MOST_DAYS = 366
# Every zone in use stands a multiple of this away from UTC.
HOURS = range(24)
QUARTER = timedelta(minutes=15)

_WRITTEN = re.compile(
    r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)(?:@([0-6])-(\d{1,2}))?(?:~([A-Za-z0-9_+/-]{1,64}))?"
)


@dataclass(frozen=True, slots=True)
class Began:
    """From the first day to the last, as one time zone counts days.

    Args:
        first: The first day.
        last: The last day, which counts as well.
        zone: The time zone's name.
        hour: Only this hour of the week, as ``(weekday, hour)``, Monday being 0; None for all.
    """

    first: date
    last: date
    zone: str
    hour: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Return it as it stands in an address."""
        hour = f"@{self.hour[0]}-{self.hour[1]}" if self.hour else ""
        return f"{self.first}..{self.last}{hour}~{self.zone}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def has_whole_hours(self) -> bool:
        """Whether the zone's hours begin on UTC's, on each of these days."""
        zone = ZoneInfo(self.zone)
        midnights = (
            _midnight(self.first + timedelta(number), zone) for number in range(self.days + 1)
        )
        return not any(midnight.minute or midnight.second for midnight in midnights)

    def stretches(self) -> list[tuple[datetime, datetime]]:
        """Return it as stretches of time, each up to but not including its second moment."""
        zone = ZoneInfo(self.zone)
        if self.hour is None:
            return [(_midnight(self.first, zone), _midnight(self.last + timedelta(1), zone))]
        weekday, hour = self.hour
        days = (self.first + timedelta(number) for number in range(self.days))
        return [
            stretch
            for day in days
            if day.weekday() == weekday
            for stretch in _hour_stretches(day, hour, zone)
        ]

    def as_q(self) -> Q:
        """Return the filter for conversations that began then."""
        chosen = Q(pk__in=())
        for since, until in self.stretches():
            chosen |= Q(created_at__gte=since, created_at__lt=until)
        return chosen


def began_parse(written: str, zone: str) -> Began | None:
    """Return the days that an address names; None if it names none.

    Args:
        written: As ``Began`` writes itself.
        zone: The time zone if the address has none.
    """
    found = _WRITTEN.fullmatch(written)
    if not found:
        return None
    try:
        first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
        began = Began(
            first, last, found[5] or zone, (int(found[3]), int(found[4])) if found[3] else None
        )
        began.stretches()
    except (ValueError, OverflowError, OSError, KeyError):  # no such day, or no such zone
        return None
    is_one = 1 <= began.days <= MOST_DAYS and (began.hour is None or began.hour[1] in HOURS)
    return began if is_one else None


def hour_of(moment: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return a moment's hour of the week, as ``(weekday, hour)``."""
    local = moment.astimezone(zone)
    return local.weekday(), local.hour


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _hour_stretches(day: date, hour: int, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield when it is this hour on a day: once, or when clocks are set, twice or never."""
    quarter, end, since = _midnight(day, zone), _midnight(day + timedelta(1), zone), None
    while quarter < end:
        is_it = quarter.astimezone(zone).hour == hour
        if is_it and since is None:
            since = quarter
        if not is_it and since is not None:
            yield since, quarter
            since = None
        quarter += QUARTER
    if since is not None:
        yield since, end
