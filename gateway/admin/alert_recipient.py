"""Who is told of alerts: addresses, webhooks with their secrets, and a test for each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from gateway.admin.alert import address_shown
from gateway.admin.alert_words import delivery_cell, error_text
from gateway.admin_parts import cells
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person
from gateway.alerts.channels import webhook_fault
from gateway.alerts.delivery import recipient_test
from gateway.alerts.recipients import recipient_delete, recipient_save
from gateway.models import AlertRecipient
from gateway.models.alert import Channel

MIN_SECRET = 16


class RecipientForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """Who is told, and how."""

    secret = forms.CharField(
        required=False,
        min_length=MIN_SECRET,
        max_length=200,
        label=gettext_lazy("secret of the webhook"),
        widget=forms.PasswordInput({"autocomplete": "off"}, render_value=False),
        help_text=gettext_lazy(
            "Signs each message, so that the receiver knows it is ours: type the same there. "
            "Sealed at once, shown to nobody. Left empty, the old one stays while the address does."
        ),
    )

    class Meta:
        model = AlertRecipient
        fields = ("name", "channel", "address", "is_private", "is_active")

    def clean(self) -> dict[str, Any]:
        """Refuse an address that no message could reach, and a webhook without a secret."""
        super().clean()
        typed = self.cleaned_data
        address = typed.get("address", "")
        if not address:
            return typed
        if typed.get("channel") == Channel.MAIL:
            try:
                validate_email(address)
            except ValidationError as error:
                self.add_error("address", error)
        elif typed.get("channel") == Channel.WEBHOOK:
            self._clean_webhook(address, is_private=bool(typed.get("is_private")))
        return typed

    def _clean_webhook(self, address: str, *, is_private: bool) -> None:
        if webhook_fault(address, is_private=is_private):
            self.add_error(
                "address",
                _(
                    "Enter an address that begins with https:// and has no name or password in "
                    "it. One in a private network must be allowed below."
                ),
            )
        is_kept = self.instance.sealed_secret and address == self.initial.get("address")
        if "secret" in self.errors:
            return
        if self.cleaned_data.get("secret"):
            if not settings.MASTER_KEYS:
                self.add_error("secret", _("No master key is set, so it cannot be sealed."))
        elif not is_kept:
            self.add_error("secret", _("Enter a secret of 16 characters or more."))


@admin.register(AlertRecipient)
class AlertRecipientAdmin(Page[AlertRecipient]):
    """Where an operator says who is told."""

    form = RecipientForm
    empty_title = gettext_lazy("Nobody is told yet")
    empty_text = gettext_lazy("Add an e-mail address or a webhook, and send it a test.")
    list_display = ("name", "channel", "shown", "standing", "last")
    fields = ("name", "channel", "address", "secret", "is_private", "is_active")
    change_form_template = "admin/gateway/alertrecipient.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.test_page)
        test = path("<int:pk>/test/", page, name="gateway_alertrecipient_test")
        return [test, *super().get_urls()]

    @method_decorator(sensitive_post_parameters("secret"))
    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Keep the secret out of reports of errors."""
        return super().changeform_view(request, *args, **options)

    def save_model(
        self,
        request: HttpRequest,
        obj: AlertRecipient,
        form: forms.ModelForm[AlertRecipient],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        recipient_save(recipient=obj, secret=form.cleaned_data["secret"], by=person(request))

    def delete_model(self, request: HttpRequest, obj: AlertRecipient) -> None:
        recipient_delete(recipient=obj, by=person(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Name the recipient alone: what was sent to it goes along, and is nobody's to refuse."""
        return [str(each) for each in objs], {}, set(), []

    def test_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, send a test, and say how it went."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        recipient = AlertRecipient.objects.filter(pk=pk).first()
        if recipient is None:
            raise Http404
        alerts = reverse("admin:gateway_alertrule_changelist")
        if request.method == "POST":
            error = recipient_test(recipient=recipient)
            if error:
                messages.error(
                    request, _("It did not arrive. %(why)s") % {"why": error_text(error)}
                )
            else:
                messages.success(
                    request, _("The test was sent to %(name)s.") % {"name": recipient.name}
                )
            return HttpResponseRedirect(alerts)
        return confirmation_page(
            request,
            self.admin_site,
            Confirmation(
                title=_("Send a test to “%(name)s”") % {"name": recipient.name},
                consequences=[
                    _("One message goes to %(address)s.") % {"address": address_shown(recipient)},
                    _("It says that it is a test."),
                ],
                action=_("Send a test"),
                back=alerts,
                crumbs=[(_("Alerts"), alerts)],
            ),
        )

    @admin.display(description=gettext_lazy("address"), ordering="address")
    def shown(self, recipient: AlertRecipient) -> str:
        return address_shown(recipient)

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def standing(self, recipient: AlertRecipient) -> str:
        if recipient.is_active:
            return cells.state_cell(cells.GOOD, _("Is told"))
        return cells.state_cell(cells.QUIET, _("Switched off"))

    @admin.display(description=gettext_lazy("last message"))
    def last(self, recipient: AlertRecipient) -> str:
        notice = recipient.notices.first()
        return delivery_cell(notice) if notice else cells.UNKNOWN
