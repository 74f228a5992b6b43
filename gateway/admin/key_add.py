"""A key comes in: typed once, sealed, never shown again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page, person
from gateway.errors import LabelTakenError, OperationError
from gateway.models import ApiKey, Provider
from gateway.services import key_add_tested


class SecretField(forms.CharField):
    """A field that takes a secret and never gives it back, not even after a mistake."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("secret"),
            max_length=4000,
            widget=forms.PasswordInput(
                {"autocomplete": "off", "spellcheck": "false", "size": 60}, render_value=False
            ),
            help_text=gettext_lazy(
                "It is sealed at once. Nobody will see more of it than its fingerprint."
            ),
        )


class WeightField(forms.IntegerField):
    """A key's share of the traffic."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("weight"),
            min_value=1,
            max_value=100,
            initial=1,
            help_text=gettext_lazy("A key of weight 2 gets twice the calls of a key of weight 1."),
        )


class ExpiryField(forms.DateField):
    """The last day on which the provider accepts a key."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("expires on"),
            required=False,
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            help_text=gettext_lazy("If the provider said so. You are warned two weeks before."),
        )


class ModelField(forms.CharField):
    """Whom a test asks; nothing is fine where the provider is known."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("model to ask"),
            required=False,
            max_length=120,
            help_text=gettext_lazy(
                "The test asks it for one word. Left empty, a model that answered before is asked."
            ),
        )


class KeyForm(forms.Form):
    """A new key."""

    provider = forms.ModelChoiceField(Provider.objects.all(), label=gettext_lazy("provider"))
    label = forms.CharField(
        label=gettext_lazy("label"),
        max_length=80,
        help_text=gettext_lazy("What you call it, as in “team account, October”."),
    )
    secret = SecretField()
    weight = WeightField()
    expires_on = ExpiryField()
    model = ModelField()


@sensitive_variables()
def add_page(admin: Page[ApiKey], request: HttpRequest) -> HttpResponse:
    """Show the form for a new key; try what is posted, and seal it if it serves."""
    initial = {"provider": request.GET.get("provider"), "weight": 1}
    form = KeyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            key, probe = key_add_tested(**form.cleaned_data, by=person(request))
        except (OperationError, vault.VaultError) as error:
            form.add_error(*error_place(error))
        else:
            admin.log_addition(request, key, _("Added the key."))
            messages.success(
                request,
                _("Tested: %(model)s answered in %(took)s. The key serves within two seconds.")
                % {"model": probe.model, "took": cells.duration(probe.took_ms)},
            )
            return HttpResponseRedirect(reverse("admin:gateway_apikey_change", args=[key.pk]))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Add an API key"),
        "crumbs": [(_("API keys"), reverse("admin:gateway_apikey_changelist"))],
        "form": form,
        "action": _("Test and add"),
        "back": reverse("admin:gateway_apikey_changelist"),
    }
    return TemplateResponse(request, "admin/form.html", context)


def error_place(error: OperationError | vault.VaultError) -> tuple[str | None, str]:
    """Return the field an error belongs to, and what to say there."""
    if isinstance(error, vault.VaultError):
        return None, _("No usable master key is set, so nothing can be sealed. Nothing was kept.")
    return "label" if isinstance(error, LabelTakenError) else "secret", str(error.text)
