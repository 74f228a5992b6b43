"""Alerts: what is worth a message, how it stands, who is told, and what was told lately."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gateway.admin.alert_words import delivery_cell, threshold_text
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page, person
from gateway.alerts.recipients import rule_save
from gateway.alerts.words import notice_text
from gateway.models import AlertNotice, AlertRecipient, AlertRule
from gateway.models.alert import AlertEvent, AlertKind, Channel

NOTICES = 20
THRESHOLDS = {
    AlertKind.SUCCESS: (
        gettext_lazy("fewer than so many percent succeed"),
        gettext_lazy("Of the calls of the last ten minutes, once five of them have failed."),
        100,
    ),
    AlertKind.KEY_DUE: (
        gettext_lazy("so many days before"),
        gettext_lazy("Before a key expires, or gets older than its provider's rule allows."),
        365,
    ),
    AlertKind.BUDGET: (
        gettext_lazy("so many percent are spent"),
        gettext_lazy("Of a widget's budget of today, in tokens or money."),
        100,
    ),
}


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """One rule; what its number counts depends on what it is about."""

    class Meta:
        model = AlertRule
        fields = ("is_active", "threshold", "bad_minutes", "good_minutes")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.kind not in THRESHOLDS:
            self.fields.pop("threshold", None)
            return
        label, help_text, most = THRESHOLDS[AlertKind(self.instance.kind)]
        self.fields["threshold"] = forms.IntegerField(
            label=label, help_text=help_text, min_value=1, max_value=most
        )


@admin.register(AlertRule)
class AlertRuleAdmin(Page[AlertRule]):
    """Where an operator says what is worth a message."""

    form = RuleForm
    change_list_template = "admin/gateway/alerts.html"
    empty_title = gettext_lazy("No alerts yet")
    empty_text = gettext_lazy("They appear once a process serves the site.")
    list_display = ("about", "standing", "when", "patience", "last_change")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # there is one for each kind of trouble

    def has_delete_permission(self, request: HttpRequest, obj: AlertRule | None = None) -> bool:
        return False  # switch it off

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        return AlertRule.objects.prefetch_related("states")

    def get_fields(
        self, request: HttpRequest, obj: AlertRule | None = None
    ) -> list[str | list[str] | tuple[str, ...] | tuple[()]]:
        fields: list[str | list[str] | tuple[str, ...] | tuple[()]] = [
            "is_active",
            "threshold",
            "bad_minutes",
            "good_minutes",
        ]
        if obj is not None and obj.kind not in THRESHOLDS:
            fields.remove("threshold")
        return fields

    def save_model(
        self,
        request: HttpRequest,
        obj: AlertRule,
        form: forms.ModelForm[AlertRule],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        rule_save(rule=obj, by=person(request))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the rules, with recipients and what was sent lately below."""
        more = {
            "recipients": recipient_rows(),
            "notices": notice_rows(),
            "may_add": request.user.has_perm("gateway.add_alertrecipient"),
            "may_change": request.user.has_perm("gateway.change_alertrecipient"),
        }
        return super().changelist_view(request, {**more, **(extra_context or {})})

    @admin.display(description=gettext_lazy("alert"), ordering="pk")
    def about(self, rule: AlertRule) -> str:
        return str(rule)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, rule: AlertRule) -> SafeString:
        if not rule.is_active:
            return cells.state_cell(cells.QUIET, _("Switched off"))
        firing = [state for state in rule.states.all() if state.is_firing]
        if not firing:
            return cells.state_cell(cells.GOOD, _("Calm"))
        names = ", ".join(state.name for state in firing if state.name)
        label = cells.state_cell(cells.BAD, _("Trouble"))
        return format_html("{} {}", label, names) if names else label

    @admin.display(description=gettext_lazy("when"))
    def when(self, rule: AlertRule) -> str:
        return threshold_text(rule)

    @admin.display(description=gettext_lazy("lasting"))
    def patience(self, rule: AlertRule) -> str:
        if not rule.bad_minutes:
            return _("at once")
        return ngettext("%(count)d minute", "%(count)d minutes", rule.bad_minutes) % {
            "count": rule.bad_minutes
        }

    @admin.display(description=gettext_lazy("last change"))
    def last_change(self, rule: AlertRule) -> str:
        changes = [state.changed_at for state in rule.states.all() if state.changed_at]
        return cells.moment_cell(max(changes, default=None))


def recipient_rows() -> list[dict[str, object]]:
    """Return who is told, each with how the last message went."""
    rows = []
    for recipient in AlertRecipient.objects.order_by("name", "pk"):
        last = recipient.notices.first()
        rows.append(
            {
                "name": recipient.name,
                "url": reverse("admin:gateway_alertrecipient_change", args=[recipient.pk]),
                "test_url": reverse("admin:gateway_alertrecipient_test", args=[recipient.pk]),
                "channel": Channel(recipient.channel).label,
                "address": address_shown(recipient),
                "is_active": recipient.is_active,
                "last": delivery_cell(last) if last else cells.UNKNOWN,
            }
        )
    return rows


def address_shown(recipient: AlertRecipient) -> str:
    """Return an address without what may be a secret: a webhook's path often is its password."""
    if recipient.channel == Channel.MAIL:
        return recipient.address
    scheme, _colon, rest = recipient.address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/…"


def notice_rows() -> list[dict[str, object]]:
    """Return what was sent lately, newest first."""
    return [
        {
            "at": cells.moment_cell(notice.at),
            "event": AlertEvent(notice.event).label,
            "text": notice_text(notice),
            "recipient": notice.recipient.name,
            "delivery": delivery_cell(notice),
        }
        for notice in AlertNotice.objects.select_related("recipient")[:NOTICES]
    ]
