"""One's own second factor: set up, replaced, its recovery codes renewed, taken away."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from chatsite.factor import gate
from chatsite.factor.codes import FEW_CODES, secret_grouped, secret_make, secret_uri
from chatsite.factor.errors import FactorError
from chatsite.factor.forms import PasswordForm, SetUpForm
from chatsite.factor.gate import Lack
from chatsite.factor.journal import origin_of
from chatsite.factor.login import next_url, step_url
from chatsite.factor.qr import qr_svg
from chatsite.factor.selectors import authenticator_of, codes_left, is_required
from chatsite.factor.services import codes_renew, factor_remove, factor_set_up, secret_place
from gateway import vault
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import person

PROPOSED: Final = "chatsite.factor.proposed"  # in the session, sealed


def own_page(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """Show how one's own second factor stands, and what can be done about it."""
    user = person(request)
    context = {
        **site.each_context(request),
        "title": _("Second factor"),
        "authenticator": authenticator_of(user),
        "codes_left": codes_left(user),
        "is_few": codes_left(user) <= FEW_CODES,
        "is_required": is_required(user),
    }
    return TemplateResponse(request, "admin/factor/own.html", context)


@sensitive_variables()
def set_up_page(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """Show a fresh secret, take the app in once it shows the right code, and show new codes."""
    found = gate.halfway(request)
    if found and found.lack is Lack.CODE:
        return HttpResponseRedirect(step_url(Lack.CODE, next_url(request)))
    user = found.user if found else request.user
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return HttpResponseRedirect(reverse("admin:login"))
    is_new = authenticator_of(user) is None
    needs_password = not (is_new and gate.is_password_fresh(request))
    form = SetUpForm(request, user, request.POST or None, needs_password=needs_password)
    try:
        secret = _proposed(request, user)
        if request.method == "POST" and form.is_valid():
            codes = _take_in(request, user, secret, form.cleaned_data["code"])
            return codes_shown(site, request, codes)
    except FactorError as error:
        form.add_error("code", error.text)
    except vault.VaultError:
        secret = ""  # it could not be sealed, so none is offered
    context = {
        **_context(site, request),
        "title": _("Set up a second factor") if is_new else _("Replace the device"),
        "form": form,
        "is_bound": found is not None,
        "is_new": is_new,
        "secret": secret_grouped(secret),
        "qr": _qr(secret, user, request) if secret else "",
    }
    return TemplateResponse(request, "admin/factor/setup.html", context)


@sensitive_variables()
def codes_page(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """Ask for the password, then make new recovery codes and show them this once."""
    user = person(request)
    if authenticator_of(user) is None:
        return HttpResponseRedirect(reverse("admin:factor"))
    form = PasswordForm(request, user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return codes_shown(site, request, codes_renew(user=user, origin=origin_of(request)))
    confirmation = Confirmation(
        title=_("Make new recovery codes?"),
        consequences=[
            _("They are shown once. Print them, or keep them where your passwords are."),
            _("The codes you have now are no good any more."),
        ],
        action=_("Make new codes"),
        back=reverse("admin:factor"),
        crumbs=_crumbs(),
        form=form,
    )
    return confirmation_page(request, site, confirmation)


def remove_page(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """Ask for the password, then let somebody do without whose roles do not need it."""
    user = person(request)
    if is_required(user):
        raise PermissionDenied
    if authenticator_of(user) is None:
        return HttpResponseRedirect(reverse("admin:factor"))
    form = PasswordForm(request, user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        factor_remove(user=user, by=user, origin=origin_of(request))
        messages.success(request, _("You log in with your password alone from now on."))
        return HttpResponseRedirect(reverse("admin:factor"))
    confirmation = Confirmation(
        title=_("Do without a second factor?"),
        consequences=[
            _("Whoever learns your password can log in as you."),
            _("Your app and your recovery codes are no good any more."),
        ],
        action=_("Do without"),
        back=reverse("admin:factor"),
        crumbs=_crumbs(),
        form=form,
        is_destructive=True,
    )
    return confirmation_page(request, site, confirmation)


@sensitive_variables()
def codes_shown(site: AdminSite, request: HttpRequest, codes: list[str]) -> HttpResponseBase:
    """Show recovery codes, the only time that anybody sees them."""
    context = {
        **_context(site, request),
        "title": _("Your recovery codes"),
        "codes": "\n".join(codes),
        "back": next_url(request) if "next" in request.POST else reverse("admin:factor"),
    }
    return TemplateResponse(request, "admin/factor/codes.html", context)


@sensitive_variables()
def _take_in(request: HttpRequest, user: User, secret: str, code: str) -> list[str]:
    codes = factor_set_up(user=user, secret=secret, code=code, origin=origin_of(request))
    request.session.pop(PROPOSED, None)
    request.session.cycle_key()
    if authenticator := authenticator_of(user):
        gate.mark_passed(request, authenticator)
    return codes


@sensitive_variables()
def _proposed(request: HttpRequest, user: User) -> str:
    """Return the secret on offer: the same until it is taken, however often the page is loaded.

    Raises:
        VaultError: There is no usable master key.
    """
    place = secret_place(user.pk)
    if sealed := request.session.get(PROPOSED):
        try:
            return vault.unseal(sealed, **place)
        except vault.VaultError:
            pass  # somebody else's, or of an older master key
    secret = secret_make()
    request.session[PROPOSED] = vault.seal(secret, **place)
    return secret


@sensitive_variables()
def _qr(secret: str, user: User, request: HttpRequest) -> str:
    # What apps show beside the code; two sites of one company have two names.
    issuer = f"Chatsite {request.get_host()}"
    return qr_svg(secret_uri(secret, account=user.get_username(), issuer=issuer))


def _context(site: AdminSite, request: HttpRequest) -> dict[str, Any]:
    is_in = site.has_permission(request)
    return {
        **site.each_context(request),
        "crumbs": _crumbs() if is_in else [],
        "next": next_url(request),
    }


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Second factor"), reverse("admin:factor"))]
