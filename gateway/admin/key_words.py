"""How a key stands, in words and tones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gateway.admin_parts import cells
from gateway.duedates import Due, DueReason
from gateway.models.provider import ApiKey, KeyState
from gateway.traffic import Rest

TONES: Mapping[str, str] = {
    KeyState.ACTIVE: cells.GOOD,
    KeyState.PAUSED: cells.QUIET,
    KeyState.EXHAUSTED: cells.BAD,
    KeyState.REVOKED: cells.BAD,
    KeyState.OUTDATED: cells.WARNING,
    KeyState.DRAINING: cells.RUNNING,
    KeyState.RETIRED: cells.QUIET,
}

# A reason without words here, such as an engine's error code, is shown as it is.
REASONS: Mapping[str, str | Promise] = {
    "by_hand": _("by hand"),
    "replaced": _("another key took its place; its running answers may end"),
    "drained": _("another key took its place, and its last answer has ended"),
    "called_off": _("the rotation was called off"),
    "address_changed": _("the provider's address changed, so the secret must be entered again"),
    "quota_spent": _("the provider says that its quota is spent"),
    "bad_credential": _("the provider refused it, 401 or 403, three times in a row"),
    "throttled": _("429 from the provider"),
    "transient": _("several calls in a row failed on the way"),
    "overloaded": _("the provider was too busy, again and again"),
    "stream_broken": _("several answers in a row broke off"),
    "not_a_completion": _("what answered does not speak chat completions"),
}

# One refusal makes a key rest, three revoke it.
REST_REASONS: Mapping[str, str | Promise] = {
    **REASONS,
    "bad_credential": _("401 or 403 from the provider"),
}


def key_state_cell(key: ApiKey, rest: Rest | None = None) -> SafeString:
    """Return the key's state as a label, its reason on hover."""
    if rest is not None and key.state == KeyState.ACTIVE:
        until = timezone.localtime(rest.until)
        word = _("Cooling until %(time)s") % {"time": f"{until:%H:%M:%S}"}
        return cells.state_cell(cells.WARNING, word, key_reason(key, rest))
    return cells.state_cell(TONES[key.state], KeyState(key.state).label, key_reason(key))


def key_reason(key: ApiKey, rest: Rest | None = None) -> str:
    """Return why the key is in its state, or nothing."""
    if rest is not None and key.state == KeyState.ACTIVE:
        return str(REST_REASONS.get(rest.reason, rest.reason))
    return str(REASONS.get(key.state_reason, key.state_reason))


def due_words(due: Due | None, today: date) -> SafeString | str:
    """Return until when a key is good, marked if that day is near or over."""
    if due is None:
        return cells.UNKNOWN
    day = date_format(due.on)
    if not due.is_near(today):
        return day
    tone = cells.BAD if due.is_over(today) else cells.WARNING
    return cells.state_cell(tone, day, DUE_WORDS[due.reason])


DUE_WORDS: Mapping[DueReason, str | Promise] = {
    DueReason.EXPIRES: _("the provider stops accepting it after that day"),
    DueReason.POLICY: _("by the provider's rule for rotation"),
}
