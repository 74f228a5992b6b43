"""Customers on request: what there is of one, all of it as a file, all of it gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.admin.hold import hold_page, holds_context, release_page
from conversations.chat.runs import runs
from conversations.export.styles import WRITINGS, Style
from conversations.models import Customer
from conversations.privacy.customers import (
    Forgotten,
    customer_forget,
    customer_hand_out,
    customer_kept,
    customers_found,
)
from conversations.review.visible import text_visible
from gateway.admin_parts import cells
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import ReadOnlyPage, person

NAME = "conversations_customer"
EXPORT = "conversations.export_customer"
ERASE = "conversations.erase_customer"


class EraseForm(forms.Form):
    """The number of conversations, so that nobody erases another customer than they mean."""

    count = forms.IntegerField(label=gettext_lazy("How many conversations does this erase?"))

    def __init__(self, *args: Any, wanted: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wanted = wanted

    def clean_count(self) -> int:
        """Refuse any other number."""
        count: int = self.cleaned_data["count"]
        if count != self._wanted:
            raise forms.ValidationError(_("That is not the number that stands above."))
        return count


@admin.register(Customer)
class CustomerAdmin(ReadOnlyPage[Customer]):
    """Where a customer's request is answered."""

    empty_title = gettext_lazy("Whose data is asked for?")
    empty_text = gettext_lazy(
        "Search for the customer's id at the website, or for the e-mail address that the website "
        "vouches for. What somebody typed into a chat finds nobody."
    )
    change_form_template = "admin/conversations/customer/customer.html"
    list_display = ("name_there", "address", "widget", "last_signed_in")
    search_fields = ("external_id",)  # shows the box; get_search_results finds
    search_help_text = gettext_lazy("The whole id at the website, or the whole e-mail address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).select_related("widget")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """Find whom somebody asks for, and show nobody else."""
        found = customers_found(search_term).values_list("pk", flat=True)
        return queryset.filter(pk__in=found) if search_term.strip() else queryset.none(), False

    def get_urls(self) -> list[URLPattern]:
        of_one: list[tuple[str, Callable[..., HttpResponseBase]]] = [
            ("export", export_page),
            ("erase", erase_page),
            ("hold", hold_page),
            ("release", release_page),
        ]
        return [
            *(
                path(f"<uuid:pk>/{name}/", self._page(view), name=f"{NAME}_{name}")
                for name, view in of_one
            ),
            *super().get_urls(),
        ]

    def _page(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        def page(request: HttpRequest, pk: UUID) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            customer = Customer.objects.select_related("widget").filter(pk=pk).first()
            if customer is None:
                raise Http404
            return view(self, request, customer)

        return self.admin_site.admin_view(page)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what there is of a customer."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context: dict[str, Any] = {"subtitle": None, **(extra_context or {})}
        if customer := self.get_object(request, unquote(object_id)):
            context |= {
                "kept": customer_kept(customer),
                "may_export": request.user.has_perm(EXPORT),
                "may_erase": request.user.has_perm(ERASE),
                **holds_context(request, customer),
            }
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=gettext_lazy("customer"))
    def name_there(self, customer: Customer) -> str:
        return text_visible(f"{customer.name} · {customer.external_id}".strip(" ·"))

    @admin.display(description=gettext_lazy("e-mail"))
    def address(self, customer: Customer) -> str:
        return text_visible(customer.email) or cells.UNKNOWN

    @admin.display(description=gettext_lazy("last signed in"))
    def last_signed_in(self, customer: Customer) -> str:
        return cells.moment_cell(customer.seen_at)


def export_page(
    admin: CustomerAdmin,  # noqa: ARG001 - as each page is called
    request: HttpRequest,
    customer: Customer,
) -> HttpResponseBase:
    """Return all that is kept of a customer as lines of JSON."""
    _prove(request, EXPORT)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    parts = customer_hand_out(customer, by=person(request), has_notes="notes" in request.POST)
    style = Style.JSON_LINES
    response = StreamingHttpResponse(parts, content_type=WRITINGS[style].content_type)
    name = f"customer-{str(customer.pk)[:8]}-{timezone.localdate().isoformat()}"
    response["Content-Disposition"] = f'attachment; filename="{name}.{style}"'
    return response


def erase_page(admin: CustomerAdmin, request: HttpRequest, customer: Customer) -> HttpResponse:
    """Ask for the number of conversations, and erase all that may be erased."""
    _prove(request, ERASE)
    kept = customer_kept(customer)
    free = kept.conversations - kept.held
    form = EraseForm(request.POST or None, wanted=free)
    if request.method == "POST" and form.is_valid():
        forgotten = async_to_sync(_forget)(customer.pk, person(request))
        _say(request, forgotten)
        place = (
            reverse("admin:conversations_customer_changelist")
            if forgotten.is_gone
            else _place(customer)
        )
        return HttpResponseRedirect(place)
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Erase everything of this customer?"),
            consequences=_consequences(free, kept.held, kept.messages),
            action=_("Erase for good"),
            back=_place(customer),
            crumbs=[
                (_("Customers"), reverse("admin:conversations_customer_changelist")),
                (text_visible(str(customer)), _place(customer)),
            ],
            form=form,
            is_destructive=True,
        ),
    )


async def _forget(customer: UUID, by: User) -> Forgotten:
    return await customer_forget(customer, runs(), by)  # where the event loop is: it has the runs


def _consequences(free: int, held: int, messages: int) -> list[str]:
    said = [
        ngettext(
            "%(count)d conversation is erased with all that was said in it, for good.",
            "%(count)d conversations are erased with all that was said in them, for good.",
            free,
        )
        % {"count": free},
        _("They hold %(count)d messages.") % {"count": messages} if not held else "",
        _("The customer is signed out of the chat in every browser."),
        ngettext(
            "%(count)d conversation is on hold and stays, and with it who the customer is.",
            "%(count)d conversations are on hold and stay, and with them who the customer is.",
            held,
        )
        % {"count": held}
        if held
        else _("Name, e-mail address and all that the website said of the customer go, too."),
        _("Your name and the number are kept, but not a word of it."),
    ]
    return [sentence for sentence in said if sentence]


def _say(request: HttpRequest, forgotten: Forgotten) -> None:
    erased = ngettext(
        "Erased %(count)d conversation.", "Erased %(count)d conversations.", forgotten.conversations
    ) % {"count": forgotten.conversations}
    if forgotten.is_gone:
        messages.success(request, erased)
    else:
        stays = _("%(count)d stay: they are on hold, or were being written.")
        messages.warning(request, f"{erased} {stays % {'count': forgotten.held}}")


def _place(customer: Customer) -> str:
    return reverse("admin:conversations_customer_change", args=[customer.pk])


def _prove(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
