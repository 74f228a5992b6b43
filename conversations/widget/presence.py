"""The line of presence in the chat's header: what it says now, and what from when on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from conversations.hours import Hours, is_open, next_change


@dataclass(frozen=True, slots=True)
class Presence:
    """What the header says while the chat is connected.

    Args:
        text: Now.
        change_at: When that is no longer so, if it ever is.
        then: What it says from then on.
    """

    text: str
    change_at: datetime | None
    then: str


def presence_at(hours: Hours, away: str, now: datetime) -> Presence:
    """Return what the header says at a moment, in the active language.

    Args:
        hours: The office hours.
        away: The owner's words for the time outside them; ``{day}`` and ``{time}`` stand for
            the next opening. "" for the site's own words.
        now: Any aware moment.
    """
    here = _("Answers at once")
    change = next_change(hours, now) if hours.has_any else None
    if change is None:
        return Presence(here, None, here)
    if not is_open(hours, now):
        return Presence(_away(away, change), change, here)
    back = next_change(hours, change)
    return Presence(here, change, _away(away, back) if back else here)


def _away(words: str, opening: datetime) -> str:
    text = words or _("Team back {day}, {time}")
    day, clock = date_format(opening, "l"), date_format(opening, "H:i")
    return text.replace("{day}", day).replace("{time}", clock)
