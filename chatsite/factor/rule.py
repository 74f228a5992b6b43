"""For whom a second factor is required: an operator's decision, role by role."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from chatsite.factor.forms import RuleForm
from chatsite.factor.journal import origin_of
from chatsite.factor.selectors import people_bare
from chatsite.factor.services import rule_set
from chatsite.roles import role_name
from gateway.admin_parts.page import person

PERMISSION: Final = "factor.change_factorrule"


def rule_page(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """Show which roles need a second factor and who has none, and take another decision."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = RuleForm(request.POST or None)
    # Without a tick a form sends nothing but its token, and that is a decision, too.
    if request.method == "POST" and form.is_valid() and "decided" in request.POST:
        rule_set(
            groups=form.cleaned_data["groups"],
            for_superusers=form.cleaned_data["for_superusers"],
            by=person(request),
            origin=origin_of(request),
        )
        messages.success(request, _("It counts from everybody's next click."))
        return HttpResponseRedirect(reverse("admin:factor_rule"))
    context = {
        **site.each_context(request),
        "title": _("Who needs a second factor"),
        "form": form,
        "bare": [
            (someone, [role_name(group) for group in someone.groups.all()])
            for someone in people_bare().order_by("username").prefetch_related("groups")
        ],
    }
    return TemplateResponse(request, "admin/factor/rule.html", context)
