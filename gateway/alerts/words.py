"""What an alert says, in a sentence."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gateway.models import AlertNotice
from gateway.models.alert import AlertEvent, AlertKind


def notice_text(notice: AlertNotice) -> str:
    """Return the sentence of a message, in the language that is active."""
    if notice.event == AlertEvent.TEST:
        return _("This is a test: alerts arrive here.")
    kind, is_over = AlertKind(notice.kind), notice.event == AlertEvent.CLEARED
    told = _over(kind) if is_over else _begun(kind, notice.value)
    known = notice.value is not None
    return told % {
        "name": notice.name,
        "value": f"{notice.value:g}" if known else "—",
        "threshold": notice.threshold,
        "count": int(notice.value) if notice.value is not None else 0,
    }


def _begun(kind: AlertKind, value: float | None) -> str:
    days = int(value or 0)
    if kind is AlertKind.SUCCESS:
        return _("Only %(value)s %% of calls succeed; it should be %(threshold)s %% or more.")
    if kind is AlertKind.KEY_DUE:
        if days < 0:
            return _("The key %(name)s should have been replaced by now.")
        return ngettext(
            "The key %(name)s must be replaced within %(count)d day.",
            "The key %(name)s must be replaced within %(count)d days.",
            days,
        )
    if kind is AlertKind.BUDGET:
        return _("%(name)s has spent %(value)s %% of today's budget.")
    return _("No key of %(name)s can be used now: customers get no answer from it.")


def _over(kind: AlertKind) -> str:
    return {
        AlertKind.SUCCESS: _("Calls succeed again: %(value)s %%."),
        AlertKind.KEY_DUE: _("The key %(name)s no longer needs to be replaced."),
        AlertKind.BUDGET: _("The budget of %(name)s has room again."),
        AlertKind.RESTING: _("Keys of %(name)s serve again."),
    }[kind]
