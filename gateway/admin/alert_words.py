"""How rules and deliveries are told to operators."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gateway.admin_parts import cells
from gateway.models import AlertNotice, AlertRule
from gateway.models.alert import AlertKind

ERRORS: dict[str, str | Promise] = {
    "no_mail_server": gettext_lazy("No mail server is set: EMAIL_URL is empty."),
    "mail_login": gettext_lazy("The mail server refused the name and password in EMAIL_URL."),
    "mail_address": gettext_lazy("The mail server refused that address."),
    "mail": gettext_lazy("The mail server did not take it."),
    "no_secret": gettext_lazy("Enter the webhook's secret again."),
    "address": gettext_lazy("That address may not be called."),
    "unreachable": gettext_lazy("Nobody answers at that address."),
    "timeout": gettext_lazy("It took too long to answer."),
}


def error_text(code: str) -> str:
    """Return why a message did not arrive."""
    if code.startswith("http_"):
        return _("It answered with status %(status)s.") % {"status": code.removeprefix("http_")}
    return str(ERRORS.get(code, code))


def delivery_cell(notice: AlertNotice) -> SafeString:
    """Return how a message fares."""
    if notice.sent_at is not None:
        return cells.state_cell(cells.GOOD, _("Arrived"), cells.moment_exact(notice.sent_at))
    if notice.due_at is None:
        return cells.state_cell(cells.BAD, _("Failed"), error_text(notice.error))
    if notice.error:
        return cells.state_cell(cells.WARNING, _("Is tried again"), error_text(notice.error))
    return cells.state_cell(cells.RUNNING, _("Under way"))


def threshold_text(rule: AlertRule) -> str:
    """Return when a rule's trouble begins."""
    kind, count = AlertKind(rule.kind), {"count": rule.threshold}
    if kind is AlertKind.SUCCESS:
        return _("under %(count)d %% succeed") % count
    if kind is AlertKind.KEY_DUE:
        told = ngettext("%(count)d day before", "%(count)d days before", rule.threshold)
        return told % count
    if kind is AlertKind.BUDGET:
        return _("%(count)d %% spent") % count
    return cells.UNKNOWN
