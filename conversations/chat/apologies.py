"""What a customer is told when a reply has failed: kind, concrete, beside "Try again"."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

SLOW = _("That took too long.")
BUSY = _("Many people are asking right now. Please try again in a moment.")
CUT = _("The answer was cut short.")
AWAY = _("The assistant is not available right now. Your message is saved; please try later.")
DECLINED = _("The assistant cannot answer that. Could you ask in other words?")
TOO_LONG = _("This conversation has become too long to answer. Please start a new one.")
FAULT = _("Something went wrong on our side.")

APOLOGIES: Mapping[str, str] = {
    "deadline_exceeded": SLOW,
    "overloaded": BUSY,
    "throttled": BUSY,
    "limited": BUSY,
    "stream_broken": CUT,
    "process_lost": CUT,
    "quota_spent": AWAY,
    "bad_credential": AWAY,
    "model_missing": AWAY,
    "no_key": AWAY,
    "region_forbidden": AWAY,
    "filtered": DECLINED,
    "too_long": TOO_LONG,
}


def apology(error_code: str) -> str:
    """Return the sentence for an error's code, in English; ``gettext`` knows it."""
    return APOLOGIES.get(error_code, FAULT)
