"""A key's weight and its last day."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from gateway.admin.key_actions import key_crumbs, key_url
from gateway.admin.key_add import ExpiryField, WeightField
from gateway.admin_parts.page import Page, person
from gateway.models import ApiKey
from gateway.services import key_adjust


class SettingsForm(forms.Form):
    """What can be changed without touching the secret."""

    weight = WeightField()
    expires_on = ExpiryField()


def settings_page(admin: Page[ApiKey], request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Show the settings, and keep what is posted."""
    initial = {"weight": key.weight, "expires_on": key.expires_on}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        key_adjust(key=key, **form.cleaned_data, by=person(request))
        messages.success(request, _("Saved. Traffic follows within two seconds."))
        return HttpResponseRedirect(key_url(key))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Settings of “%(label)s”") % {"label": key.label},
        "crumbs": key_crumbs(key),
        "form": form,
        "action": _("Save"),
        "back": key_url(key),
    }
    return TemplateResponse(request, "admin/form.html", context)
