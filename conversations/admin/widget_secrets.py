"""A widget's signing secrets: made here, shown once, retired; a website signs with them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from conversations.identity.secrets import (
    VALID_AT_ONCE,
    signing_secret_add,
    signing_secret_retire,
)
from conversations.models import SigningSecret, Widget
from conversations.staff_errors import SigningSecretError
from gateway import vault
from gateway.admin_parts import cells
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person

Admin = Page[Widget]


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret as a line of the widget's page."""

    secret: SigningSecret
    state: SafeString


def secret_rows(widget: Widget) -> list[SecretRow]:
    """Return the widget's secrets: valid ones, then those that were retired, newest first."""
    rows = widget.signing_secrets.select_related("created_by", "retired_by").order_by(
        F("retired_at").desc(nulls_first=True), "-created_at", "-pk"
    )
    return [SecretRow(row, _state(row)) for row in rows]


def may_add_secret(rows: list[SecretRow]) -> bool:
    """Return whether there is room for another valid secret."""
    return sum(row.secret.is_valid for row in rows) < VALID_AT_ONCE


@sensitive_variables()
def secret_add_page(admin: Admin, request: HttpRequest, widget: Widget) -> HttpResponse:
    """Ask, then make a secret and show it this once."""
    if not admin.has_change_permission(request, widget):
        raise PermissionDenied
    if request.method != "POST":
        return _ask_to_add(admin, request, widget)
    try:
        new = signing_secret_add(widget=widget, by=person(request))
    except SigningSecretError as error:
        messages.error(request, str(error.text))
        return HttpResponseRedirect(_widget_url(widget))
    except vault.VaultError:
        messages.error(
            request, _("No usable master key is set, so nothing can be sealed. Nothing was kept.")
        )
        return HttpResponseRedirect(_widget_url(widget))
    admin.log_change(request, widget, _("Added the signing secret %(secret)s.") % _named(new.row))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("The new signing secret"),
        "crumbs": _crumbs(widget),
        "secret": new.text,
        "back": _widget_url(widget),
    }
    response = TemplateResponse(request, "admin/conversations/widget/secret.html", context)
    add_never_cache_headers(response)  # the way back must not show it again
    return response


def secret_retire_page(
    admin: Admin, request: HttpRequest, widget: Widget, secret_pk: int
) -> HttpResponse:
    """Ask before a secret ends for good, and end it when told to."""
    if not admin.has_change_permission(request, widget):
        raise PermissionDenied
    secret = widget.signing_secrets.filter(pk=secret_pk).first()
    if secret is None:
        raise Http404
    if request.method == "POST":
        return _retire(admin, request, widget, secret)
    others = widget.signing_secrets.filter(retired_at=None).exclude(pk=secret.pk).exists()
    consequences = [
        _("What your server signs with it from now on is refused, and so is what it has signed."),
        _("Customers who are signed in already stay so until their session ends."),
        _("This cannot be undone; its row stays for the record."),
    ]
    if not others:
        consequences.append(_("It is the widget's last secret: nobody can sign in any more."))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Retire the signing secret %(secret)s?") % _named(secret),
            consequences=consequences,
            action=_("Retire"),
            back=_widget_url(widget),
            crumbs=_crumbs(widget),
            is_destructive=True,
        ),
    )


def _ask_to_add(admin: Admin, request: HttpRequest, widget: Widget) -> HttpResponse:
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Make a signing secret for “%(name)s”?") % {"name": widget.name},
            consequences=[
                _("It is shown once. Put it on your server, never into a page."),
                _("Your server signs with it who its customers are; the chat believes it at once."),
                _("Two secrets can be valid at a time, so that you can change without a gap."),
            ],
            action=_("Make a secret"),
            back=_widget_url(widget),
            crumbs=_crumbs(widget),
        ),
    )


def _retire(
    admin: Admin, request: HttpRequest, widget: Widget, secret: SigningSecret
) -> HttpResponse:
    try:
        signing_secret_retire(secret=secret, by=person(request))
    except SigningSecretError as error:
        messages.error(request, str(error.text))
    else:
        said = _("Retired the signing secret %(secret)s.") % _named(secret)
        admin.log_change(request, widget, said)
        messages.success(request, said)
    return HttpResponseRedirect(_widget_url(widget))


def _state(secret: SigningSecret) -> SafeString:
    if secret.is_valid:
        return cells.state_cell(cells.GOOD, _("Valid"))
    return cells.state_cell(cells.QUIET, _("Retired"))


def _named(secret: SigningSecret) -> dict[str, str]:
    return {"secret": str(secret)}


def _widget_url(widget: Widget) -> str:
    return reverse("admin:conversations_widget_change", args=[widget.pk])


def _crumbs(widget: Widget) -> list[tuple[str, str]]:
    return [
        (_("Widgets"), reverse("admin:conversations_widget_changelist")),
        (widget.name, _widget_url(widget)),
    ]
