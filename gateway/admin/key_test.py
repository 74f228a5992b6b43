"""A key tried on demand: latency, models and limits, or what is wrong in plain words."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway import vault
from gateway.admin.key_actions import key_crumbs, key_url
from gateway.admin.key_add import ModelField
from gateway.admin_parts import cells
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person
from gateway.engine.probe import Probe
from gateway.errors import OperationError, trial_words
from gateway.models import ApiKey
from gateway.services import key_test


class TestForm(forms.Form):
    """Whom to ask."""

    model = ModelField()


def test_page(admin: Page[ApiKey], request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Ask whom to ask, and show what the provider did."""
    form = TestForm(request.POST or None)
    probe: Probe | None = None
    if request.method == "POST" and form.is_valid():
        try:
            probe = key_test(key=key, model=form.cleaned_data["model"], by=person(request))
        except OperationError as error:
            form.add_error(None, str(error.text))
        except vault.VaultError:
            form.add_error(None, _("The key does not open: it must be entered again."))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Test the key “%(label)s”") % {"label": key.label},
            consequences=[
                _("One real call is made with it, for one word; customers do not notice."),
                _("Its state stays as it is, whatever comes out."),
            ],
            action=_("Test now"),
            back=key_url(key),
            crumbs=key_crumbs(key),
            form=form,
        ),
        template="admin/gateway/apikey/test.html",
        probe=probe,
        verdict=probe and _verdict(probe),
        took=probe and cells.duration(probe.took_ms),
    )


def _verdict(probe: Probe) -> str:
    if probe.error is None:
        return cells.state_cell(cells.GOOD, _("It serves"))
    return cells.state_cell(cells.BAD, trial_words(probe.error.code, probe.model))
