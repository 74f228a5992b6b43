"""From what a clock on the wall shows to the one moment it means, or a refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from conversations.schedule_errors import AmbiguousTimeError, NonexistentTimeError, UnknownZoneError


def moment_of(shown: datetime, zone: str) -> datetime:
    """Return the moment, in UTC, at which a clock in this zone shows this time.

    Args:
        shown: Day and time without a zone.
        zone: A name of the IANA database, as in ``Europe/Berlin``.

    Raises:
        UnknownZoneError: There is no such zone.
        NonexistentTimeError: Clocks skip this time, because summer time begins.
        AmbiguousTimeError: Clocks show it twice, because summer time ends.
    """
    if zone not in zones():
        raise UnknownZoneError
    place = ZoneInfo(zone)
    earlier, later = (shown.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier.astimezone(place).replace(tzinfo=None) != shown:
        raise NonexistentTimeError
    if earlier != later:
        raise AmbiguousTimeError
    return earlier


@cache
def zones() -> tuple[str, ...]:
    """Return the names of all zones that people know, in the order of the alphabet."""
    return tuple(
        sorted(
            name
            for name in available_timezones()
            if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/")))
        )
    )


def wall_text(moment: datetime, zone: str) -> str:
    """Return what a clock in this zone shows at this moment, with the zone's name."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
