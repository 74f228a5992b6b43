"""Putting a conversation, or all of a customer's, on hold, and lifting it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Customer
from conversations.models.privacy import REASON_CHARACTERS
from conversations.privacy.holds import Holdable, hold_lift, hold_set, holds_of
from conversations.review.visible import text_visible
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person

HOLD = "conversations.hold_conversation"


class HoldForm(forms.Form):
    """Why something must be kept."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_CHARACTERS,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("For your colleagues: why, and until when about. It is kept."),
    )


def holds_context(request: HttpRequest, subject: Holdable) -> dict[str, Any]:
    """Return what a page needs to show of holds."""
    holds = list(holds_of(subject))
    standing = [hold for hold in holds if hold.lifted_at is None]
    return {
        "may_hold": request.user.has_perm(HOLD),
        "holds": standing,
        "past_holds": [hold for hold in holds if hold.lifted_at is not None],
        "has_own_hold": any(_is_own(hold.customer_id, subject) for hold in standing),
    }


def hold_page(admin: Page[Any], request: HttpRequest, subject: Holdable) -> HttpResponse:
    """Ask why, and put it on hold."""
    _prove(request)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        hold_set(
            subject=subject,
            reason=form.cleaned_data["reason"],
            by=person(request),
            now=timezone.now(),
        )
        messages.success(request, _("It is on hold: nothing erases it until the hold is lifted."))
        return HttpResponseRedirect(_place(subject))
    of_customer = isinstance(subject, Customer)
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Put all of this customer's conversations on hold?")
            if of_customer
            else _("Put this conversation on hold?"),
            consequences=[
                _("Nothing erases it: no retention, none of the staff, not the customer."),
                _("A customer who tries is told kindly that it cannot be deleted now."),
                _("Your name and the time are kept, also after the hold is lifted."),
            ],
            action=_("Put on hold"),
            back=_place(subject),
            crumbs=_crumbs(subject),
            form=form,
        ),
    )


def release_page(admin: Page[Any], request: HttpRequest, subject: Holdable) -> HttpResponse:
    """Ask, and lift the hold."""
    _prove(request)
    if request.method == "POST":
        if hold_lift(subject=subject, by=person(request), now=timezone.now()):
            messages.success(request, _("The hold is lifted."))
        return HttpResponseRedirect(_place(subject))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Lift this hold?"),
            consequences=[
                _("What is past its days is erased the next night."),
                _("The customer can delete it again."),
            ],
            action=_("Lift the hold"),
            back=_place(subject),
            crumbs=_crumbs(subject),
        ),
    )


def _is_own(customer: object, subject: Holdable) -> bool:
    return isinstance(subject, Customer) == (customer is not None)


def _place(subject: Holdable) -> str:
    kind = "customer" if isinstance(subject, Customer) else "conversation"
    return reverse(f"admin:conversations_{kind}_change", args=[subject.pk])


def _crumbs(subject: Holdable) -> list[tuple[str, str]]:
    if isinstance(subject, Customer):
        rows = reverse("admin:conversations_customer_changelist")
        return [(_("Customers"), rows), (text_visible(str(subject)), _place(subject))]
    rows = reverse("admin:conversations_conversation_changelist")
    words = text_visible(subject.opening) or _("Conversation")
    return [(_("Conversations"), rows), (words, _place(subject))]


def _prove(request: HttpRequest) -> None:
    if not request.user.has_perm(HOLD):
        raise PermissionDenied
