"""Providers: who answers, where, and whether anybody may be asked there now."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gateway.admin.key import keys_listed
from gateway.admin.key_view import events_of, key_rows, limits_of
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page, person
from gateway.errors import AddressError
from gateway.fullness import fullness_of
from gateway.models import Provider
from gateway.models.provider import KeyState
from gateway.services import address_check, provider_create, provider_update

AddressField = partial(forms.URLField, assume_scheme="https")


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A provider's settings; a new address must be agreed to, for it costs the keys."""

    enter_keys_again = forms.BooleanField(
        required=False, label=gettext_lazy("Yes, change the address and enter the keys again")
    )

    proxy_password = forms.CharField(
        required=False,
        max_length=400,
        label=gettext_lazy("password for the proxy"),
        widget=forms.PasswordInput({"autocomplete": "off"}, render_value=False),
        help_text=gettext_lazy(
            "Sealed at once, shown to nobody. Left empty, the old one stays while the proxy does."
        ),
    )

    class Meta:
        model = Provider
        fields = (
            "name",
            "slug",
            "dialect",
            "default_model",
            "base_url",
            "proxy_url",
            "proxy_user",
            "region",
            "is_private",
            "is_active",
            "rotate_every_days",
            "context_tokens",
        )
        # Until version 6 Django asks to be told what an address without a scheme means.
        field_classes = {"base_url": AddressField, "proxy_url": AddressField}
        widgets = {
            "base_url": forms.URLInput({"class": "vURLField"}),
            "proxy_url": forms.URLInput({"class": "vURLField"}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not (self.is_bound and self._lost_keys()):
            self.fields["enter_keys_again"].widget = forms.HiddenInput()

    def clean_base_url(self) -> str:
        """Refuse an address that could not be called, or that would show a password."""
        return self._address("base_url")

    def clean_proxy_url(self) -> str:
        """Refuse a proxy that could not be called, or that would show a password."""
        return self._address("proxy_url") if self.cleaned_data["proxy_url"] else ""

    def clean(self) -> dict[str, Any]:
        """Ask before keys are lost to a new address."""
        super().clean()  # or Django would not look for a name that is taken
        typed = self.cleaned_data
        if typed.get("proxy_password"):
            if not typed.get("proxy_user") or not typed.get("proxy_url"):
                self.add_error("proxy_password", _("A password needs a proxy and a user name."))
            elif not settings.MASTER_KEYS:
                self.add_error("proxy_password", _("No master key is set, so it cannot be sealed."))
        lost = self._lost_keys()
        if lost and not self.cleaned_data.get("enter_keys_again"):
            self.add_error(
                "base_url",
                ngettext(
                    "%(count)d key is sealed for the old address. It stops serving until "
                    "somebody enters it again.",
                    "%(count)d keys are sealed for the old address. They stop serving until "
                    "somebody enters them again.",
                    lost,
                )
                % {"count": lost},
            )
        return self.cleaned_data

    def _address(self, field: str) -> str:
        try:
            return address_check(self.cleaned_data[field])
        except AddressError as error:
            raise forms.ValidationError(str(error.text)) from None

    def _lost_keys(self) -> int:
        typed = str(self.data.get("base_url", "")).rstrip("/")
        if not self.instance.pk or typed == self.initial.get("base_url"):
            return 0
        sealed = self.instance.keys.exclude(state__in=(KeyState.RETIRED, KeyState.OUTDATED))
        return int(sealed.count())


@admin.register(Provider)
class ProviderAdmin(Page[Provider]):
    """Where an operator says whom the gateway may ask."""

    form = ProviderForm
    change_form_template = "admin/gateway/provider/provider.html"
    empty_title = gettext_lazy("No provider yet")
    empty_text = gettext_lazy("A provider is a place that answers, such as OpenAI. Add the first.")
    list_display = ("name", "slug", "dialect", "standing", "number_keys", "region", "base_url")
    search_fields = ("name", "slug", "base_url")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("name", "slug", "dialect", "default_model", "context_tokens"),
                    "is_active",
                )
            },
        ),
        (
            gettext_lazy("Address"),
            {"fields": ("base_url", "enter_keys_again", "region", "is_private")},
        ),
        (
            gettext_lazy("Proxy"),
            {"fields": ("proxy_url", "proxy_user", "proxy_password")},
        ),
        (gettext_lazy("Rotation"), {"fields": ("rotate_every_days",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        serving = Count("keys", filter=Q(keys__state=KeyState.ACTIVE))
        return Provider.objects.annotate(serving_keys=serving).order_by("name")

    def get_readonly_fields(self, request: HttpRequest, obj: Provider | None = None) -> list[str]:
        return ["slug"] if obj else []  # routes and calls know it by this name

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        return False  # switch it off: calls and keys tell of it

    def save_model(
        self,
        request: HttpRequest,
        obj: Provider,
        form: forms.ModelForm[Provider],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        fields = {**form.cleaned_data}
        del fields["enter_keys_again"]
        if change:
            provider_update(provider=obj, by=person(request), **fields)
        else:
            is_active = fields.pop("is_active")
            provider = provider_create(**fields)
            provider_update(provider=provider, is_active=is_active, by=person(request))
            obj.pk = provider.pk

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the provider's keys, and its settings below."""
        provider = self.get_object(request, unquote(object_id))
        more = {
            **(_keys_shown(provider) if provider else {}),
            "may_see_keys": request.user.has_perm("gateway.view_apikey"),
            "may_change_keys": request.user.has_perm("gateway.change_apikey"),
            "may_add_key": request.user.has_perm("gateway.add_apikey"),
        }
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def standing(self, provider: Provider) -> str:
        if not provider.is_active:
            return cells.state_cell(cells.QUIET, _("Switched off"))
        if not getattr(provider, "serving_keys", 0):
            return cells.state_cell(cells.WARNING, _("No key"))
        return cells.state_cell(cells.GOOD, _("Serves"))

    @admin.display(description=gettext_lazy("active keys"), ordering="serving_keys")
    def number_keys(self, provider: Provider) -> int:
        return int(getattr(provider, "serving_keys", 0))


def _keys_shown(provider: Provider) -> dict[str, object]:
    now = timezone.now()
    keys = list(keys_listed().filter(provider=provider).exclude(state=KeyState.RETIRED))
    fullness = fullness_of(provider, keys, now)
    return {
        "key_rows": key_rows(provider, keys, now, fullness),
        "provider_limits": limits_of(provider, fullness),
        "events": events_of(provider=provider),
    }
