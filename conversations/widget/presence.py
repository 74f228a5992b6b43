"""The line of presence in the chat's header: what it says now, and what from when on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from conversations.hours import Hours, is_open, next_change

# A page that stays open for longer says what it said last.
CHANGES_TOLD = 8


@dataclass(frozen=True, slots=True)
class Presence:
    """What the header says while the chat is connected.

    Args:
        text: Now.
        changes: From which moment on it says something else, and what.
    """

    text: str
    changes: tuple[tuple[datetime, str], ...]


def presence_at(hours: Hours, away: str, now: datetime) -> Presence:
    """Return what the header says at a moment and after it, in the active language.

    Args:
        hours: The office hours.
        away: The owner's words for the time outside them; ``{day}`` and ``{time}`` stand for
            the next opening. "" for the site's own words.
        now: Any aware moment.
    """
    moments = islice(_changes(hours, now), CHANGES_TOLD) if hours.has_any else ()
    changes = tuple((moment, _said(hours, away, moment)) for moment in moments)
    return Presence(_said(hours, away, now), changes)


def _changes(hours: Hours, now: datetime) -> Iterator[datetime]:
    change = next_change(hours, now)
    while change:
        yield change
        change = next_change(hours, change)


def _said(hours: Hours, away: str, now: datetime) -> str:
    opening = next_change(hours, now) if hours.has_any and not is_open(hours, now) else None
    return _away(away, opening) if opening else _("Answers at once")


def _away(words: str, opening: datetime) -> str:
    text = words or _("Team back {day}, {time}")
    day, clock = date_format(opening, "l"), date_format(opening, "H:i")
    return text.replace("{day}", day).replace("{time}", clock)
