"""What became of second factors, and a colleague's reset."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatsite.addresses import address_code, is_hashed
from chatsite.factor.journal import origin_of
from chatsite.factor.models import Authenticator, FactorDeed, FactorEvent
from chatsite.factor.services import factor_remove
from gateway.admin_parts import cells
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, ReadOnlyPage, person

RESET = "factor.reset_authenticator"
TONES = {
    FactorDeed.PASSED: cells.GOOD,
    FactorDeed.SET_UP: cells.GOOD,
    FactorDeed.RECOVERED: cells.WARNING,
    FactorDeed.FAILED: cells.BAD,
    FactorDeed.REFUSED: cells.BAD,
}


@admin.register(FactorEvent)
class FactorEventAdmin(ReadOnlyPage[FactorEvent]):
    """Every code that was taken or not, and every change to a factor, for some days."""

    list_display = ("moment", "username", "state", "by_name", "from_where")
    list_filter = ("deed",)
    search_fields = ("username", "by_name")
    ordering = ("-at", "-pk")
    fields = ("moment", "username", "state", "by_name", "from_where")
    readonly_fields = fields
    empty_title = gettext_lazy("Nothing has happened yet")
    empty_text = gettext_lazy("Codes that are taken or refused are listed here.")

    @admin.display(description=gettext_lazy("when"), ordering="at")
    def moment(self, event: FactorEvent) -> str:
        return cells.moment_cell(event.at)

    @admin.display(description=gettext_lazy("what"), ordering="deed")
    def state(self, event: FactorEvent) -> str:
        tone = TONES.get(FactorDeed(event.deed), cells.QUIET)
        return cells.state_cell(tone, event.get_deed_display())

    @admin.display(description=gettext_lazy("address"), ordering="address")
    def from_where(self, event: FactorEvent) -> str:
        return address_cell(event.address)


def address_cell(address: str | None) -> str:
    """Return an address, or a short name for one that was forgotten."""
    if address and is_hashed(address):
        # Equal codes are equal addresses; which one, nobody can read any more.
        return format_html("{} <code>{}</code>", _("hashed"), address_code(address))
    return str(address or cells.UNKNOWN)


def may_reset(request: HttpRequest, user: User) -> bool:
    """Return whether one may take a colleague's factor away; a superuser's only if one is one.

    One's own goes where one has to type the password: an open session may be somebody else's hands.
    """
    me = person(request)
    is_colleague = me.pk != user.pk and (me.is_superuser or not user.is_superuser)
    return me.has_perm(RESET) and is_colleague


def reset_page(admin: Page[User], request: HttpRequest, pk: str) -> HttpResponse:
    """Ask before a colleague's second factor goes, and let it go when told to."""
    user = admin.get_object(request, pk)
    if not person(request).has_perm(RESET):
        raise PermissionDenied
    if user is None or not Authenticator.objects.filter(user=user).exists():
        raise Http404
    if not may_reset(request, user):
        raise PermissionDenied
    back = reverse("admin:auth_user_change", args=[user.pk])
    if request.method == "POST":
        factor_remove(user=user, by=person(request), origin=origin_of(request))
        admin.log_change(request, user, _("Reset the second factor."))
        messages.success(request, _("%(name)s can set up a new one.") % {"name": user})
        return HttpResponseRedirect(back)
    confirmation = Confirmation(
        title=_("Reset the second factor of %(name)s?") % {"name": user},
        consequences=[
            _("Their app and their recovery codes are no good any more."),
            _("Until they set up a new one, their password alone lets them in."),
            _("Make sure it is really them who asks. This is noted with your name."),
        ],
        action=_("Reset"),
        back=back,
        crumbs=[(_("Users"), reverse("admin:auth_user_changelist")), (str(user), back)],
        is_destructive=True,
    )
    return confirmation_page(request, admin.admin_site, confirmation)
