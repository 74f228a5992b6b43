"""Cells of the admin's tables: a moment, a duration, a state.

Floors above build their tables from the same cells.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

UNKNOWN = "—"

SECOND, MINUTE = 1000, 60_000  # milliseconds

# A tone is a colour and a sign; the word beside it says the same, for those who see neither.
GOOD, RUNNING, QUIET, WARNING, BAD = "good", "running", "quiet", "warning", "bad"


def state_cell(tone: str, word: str | Promise, title: str | Promise = "") -> SafeString:
    """Return a small coloured label that says its state in a word."""
    return format_html('<span class="state state-{}" title="{}">{}</span>', tone, title, word)


def moment_cell(moment: datetime | None, now: datetime | None = None) -> SafeString | str:
    """Return a time as people say it, with the exact one on hover."""
    if moment is None:
        return UNKNOWN
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        moment_exact(moment),
        moment_relative(moment, now or timezone.now()),
    )


def moment_exact(moment: datetime) -> str:
    """Return day and time to the second, in the site's time zone."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATE_FORMAT')}, {local:%H:%M:%S} {local:%Z}"


def moment_relative(moment: datetime, now: datetime) -> str:
    """Return how long ago it was; after a week, the day."""
    ago = now - moment
    if ago < timedelta(0):
        return _ahead(-ago)
    minutes, hours = int(ago.total_seconds() // 60), int(ago.total_seconds() // 3600)
    if ago < timedelta(minutes=1):
        return _("just now")
    if ago < timedelta(hours=1):
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {
            "count": minutes
        }
    if ago < timedelta(days=1):
        return ngettext("%(count)d hour ago", "%(count)d hours ago", hours) % {"count": hours}
    if ago < timedelta(days=7):
        return ngettext("%(count)d day ago", "%(count)d days ago", ago.days) % {"count": ago.days}
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def duration(milliseconds: int | None) -> str:
    """Return a duration that fits its size: ``340 ms``, ``1.2 s``, ``2 min 5 s``."""
    if milliseconds is None:
        return UNKNOWN
    if milliseconds < SECOND:
        return _("%(count)d ms") % {"count": milliseconds}
    if milliseconds < MINUTE:
        return _("%(seconds).1f s") % {"seconds": milliseconds / SECOND}
    minutes, rest = divmod(milliseconds // SECOND, 60)
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}


def meter_cell(used: int, allowed: int, words: str) -> SafeString:
    """Return how much of something is used, as a bar and in words."""
    return format_html(
        '<span class="meter{}">'
        '<meter min="0" max="{}" high="{}" optimum="0" value="{}" '
        'aria-hidden="true"></meter>{}</span>',
        " meter-full" if used >= allowed else "",
        allowed,
        allowed * 0.8,
        min(used, allowed),
        words,
    )


def money(amount: Decimal | None, currency: str) -> str:
    """Return an amount to four places, which an answer's cost needs; unknown is not zero."""
    return UNKNOWN if amount is None else f"{amount:.4f} {currency}".strip()


def _ahead(wait: timedelta) -> str:
    seconds = int(wait.total_seconds())
    if seconds < 60:  # noqa: PLR2004  # a minute
        return _("in a moment")
    if wait < timedelta(hours=1):
        minutes = seconds // 60
        return ngettext("in %(count)d minute", "in %(count)d minutes", minutes) % {"count": minutes}
    hours = seconds // 3600
    if wait < timedelta(days=2):
        return ngettext("in %(count)d hour", "in %(count)d hours", hours) % {"count": hours}
    return ngettext("in %(count)d day", "in %(count)d days", wait.days) % {"count": wait.days}
