"""Logging in: the password, then the code of the app or a recovery code."""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from chatsite.factor import gate
from chatsite.factor.codes import FEW_CODES
from chatsite.factor.errors import FactorError
from chatsite.factor.forms import CodeForm, RecoveryForm
from chatsite.factor.gate import Halfway, Lack
from chatsite.factor.journal import note_passed, origin_of
from chatsite.factor.models import FactorDeed
from chatsite.factor.selectors import authenticator_of, codes_left
from chatsite.factor.services import code_check, recovery_use
from chatsite.logins import login_refuse

RECOVERY = "recovery"


class PasswordView(LoginView):
    """The first step; it is the last one for whoever has set up no second factor."""

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in, or remember whose password was right and ask for the code."""
        user = form.get_user()
        if authenticator_of(user):
            gate.pending_begin(self.request, user, user.backend)
            return HttpResponseRedirect(step_url(Lack.CODE, self.get_success_url()))
        response = super().form_valid(form)
        gate.password_given(self.request)
        return response


def step_url(lack: Lack, back: str) -> str:
    """Return where somebody gives what they lack, and then goes on to where they wanted."""
    name = "admin:factor_code" if lack is Lack.CODE else "admin:factor_setup"
    return f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: back})}"


def next_url(request: HttpRequest) -> str:
    """Return where a request wants to go on to, if that is a page of ours, else the desk."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:index")


@sensitive_variables()
def code_page(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """Ask for the second factor, and let in whoever has it."""
    found = gate.halfway(request)
    if found is None or found.lack is not Lack.CODE or not _is_staff(found.user):
        return HttpResponseRedirect(reverse("admin:login"))
    is_recovery = RECOVERY in request.POST or RECOVERY in request.GET
    form: forms.Form = (RecoveryForm if is_recovery else CodeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = found.user.get_username()
        if not AxesProxyHandler.is_allowed(request, {"username": name}):
            return login_refuse(request)
        try:
            return _come_in(request, found, form.cleaned_data)
        except FactorError as error:
            user_login_failed.send(__name__, credentials={"username": name}, request=request)
            form.add_error(None, error.text)
    return TemplateResponse(request, "admin/factor/code.html", _context(site, request, form))


def _context(site: AdminSite, request: HttpRequest, form: forms.Form) -> dict[str, Any]:
    is_recovery = isinstance(form, RecoveryForm)
    here, going = reverse("admin:factor_code"), {REDIRECT_FIELD_NAME: next_url(request)}
    other = going if is_recovery else {RECOVERY: "", **going}
    return {
        **site.each_context(request),
        "title": _("Recovery code") if is_recovery else _("Second factor"),
        "form": form,
        "is_recovery": is_recovery,
        "next": next_url(request),
        "other_way": f"{here}?{urlencode(other)}",
    }


@sensitive_variables()
def _come_in(request: HttpRequest, found: Halfway, typed: dict[str, str]) -> HttpResponse:
    """Let somebody in.

    Raises:
        FactorError: It is not their code.
    """
    user, origin = found.user, origin_of(request)
    if RECOVERY in typed:
        recovery_use(user=user, code=typed[RECOVERY], origin=origin)
        deed, authenticator = FactorDeed.RECOVERED, authenticator_of(user)
    else:
        deed, authenticator = (
            FactorDeed.PASSED,
            code_check(user=user, code=typed["code"], origin=origin),
        )
    back = next_url(request)
    if gate.is_pending(request):
        login(request, user, backend=gate.pending_backend(request))
        gate.password_given(request)
    else:
        request.session.cycle_key()
    if authenticator:
        gate.mark_passed(request, authenticator)
    note_passed(request, user, deed)
    _tell_codes(request, user, deed)
    return HttpResponseRedirect(back)


def _tell_codes(request: HttpRequest, user: User, deed: FactorDeed) -> None:
    """Say how many recovery codes are left to whoever has used one, or has few."""
    left = codes_left(user)
    if deed is not FactorDeed.RECOVERED and left > FEW_CODES:
        return
    words = ngettext(
        "You have %(count)d recovery code left.", "You have %(count)d recovery codes left.", left
    ) % {"count": left}
    if left > FEW_CODES:
        messages.info(request, words)
    else:
        advice = _("Make new ones under “Second factor”.")
        messages.warning(request, f"{words} {advice}")


def _is_staff(user: User) -> bool:
    return user.is_active and user.is_staff
