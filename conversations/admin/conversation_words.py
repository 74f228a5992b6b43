"""What chooses conversations, in the reader's words."""

from __future__ import annotations

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from conversations.review.began import Began
from conversations.review.choices import NO_LANGUAGE


def language_name(family: str) -> str:
    """Return a language's name in the reader's language; its code if Django knows none."""
    if family == NO_LANGUAGE:
        return _("Unknown")
    if family == "zh":  # whose names in Django say which script
        return _("Chinese")
    try:
        return _(get_language_info(family)["name"])
    except KeyError:
        return family


def began_words(began: Began) -> str:
    """Return the days in words, with the hour of the week and the time zone if it is one."""
    first, last = date_format(began.first), date_format(began.last)
    days = first if began.days == 1 else _("%(first)s to %(last)s") % {"first": first, "last": last}
    if began.hour is None:
        return days
    weekday, hour = began.hour
    return f"{days}, {WEEKDAYS_ABBR[weekday]} {hour:02}:00 ({began.zone})"
