"""The admin site: Django's own under our theme, with navigation grouped by role."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.translation import gettext_lazy as _

from chatsite.desk import desk
from gateway.dashboard.access import PERMISSION as DASHBOARD_PERMISSION

# Where each model stands in the sidebar; what is not named here follows under its app's name.
NAVIGATION = (
    (_("Conversations"), ("conversations.Conversation", "conversations.Widget")),
    (_("Prompts"), ("conversations.PromptTemplate", "conversations.PromptSchedule")),
    (
        _("Gateway"),
        (
            "gateway.Provider",
            "gateway.ApiKey",
            "gateway.Limit",
            "gateway.Budget",
            "gateway.Price",
            "gateway.AlertRule",
            "gateway.AlertRecipient",
            "gateway.Call",
            "gateway.Process",
            "gateway.Job",
        ),
    ),
    (_("Data"), ("conversations.Customer", "conversations.DataDeed", "conversations.Reading")),
    (_("People"), ("auth.User", "auth.Group", "axes.AccessLog", "factor.FactorEvent")),
)
# Pages that are about no model, before which model they stand, and whom they are for.
PAGES = {
    "conversations.Widget": (
        _("Report"),
        "Report",
        "admin:conversations_report",
        "conversations.view_conversation",
    ),
    "gateway.Provider": (
        _("Dashboard"),
        "Dashboard",
        "admin:gateway_dashboard",
        DASHBOARD_PERMISSION,
    ),
    "axes.AccessLog": (
        _("Second factor"),
        "SecondFactor",
        "admin:factor_rule",
        "factor.change_factorrule",
    ),
}
# Other people's models, called by our words; their own would be part of their migrations.
NAMES = {"axes.AccessLog": _("Logins")}


class ChatsiteAdminSite(AdminSite):
    """Where staff, editors and operators work; each sees the rooms of their own role."""

    site_title = _("Chatsite")
    site_header = _("Chatsite")
    index_title = _("Desk")
    index_template = "admin/desk.html"
    enable_nav_sidebar = False  # ours is templates/admin/rooms.html: no script, and on phones too

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Return what this person may see, in the order and groups of ``NAVIGATION``."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        found = {
            f"{app['app_label']}.{model['object_name']}": model
            for app in apps
            for model in app["models"]
        }
        for label, name in NAMES.items():
            if label in found:
                found[label]["name"] = name
        rooms = [
            {
                "name": name,
                "models": [
                    entry
                    for label in labels
                    for entry in (
                        *self._pages_before(request, label),
                        *([found.pop(label)] if label in found else []),
                    )
                ],
            }
            for name, labels in NAVIGATION
        ]
        others = [
            {"name": app["name"], "models": [m for m in app["models"] if m in found.values()]}
            for app in apps
        ]
        return [room for room in [*rooms, *others] if room["models"]]

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Return the admin's addresses, with those of pages that are about no model."""
        from chatsite.factor.addresses import factor_urls  # noqa: PLC0415  # its models are not ready before
        from conversations.admin.report import report_urls  # noqa: PLC0415  # as below
        from gateway.dashboard.views import dashboard_urls  # noqa: PLC0415  # its tables register with this site

        ours = [*factor_urls(self), *dashboard_urls(self), *report_urls(self)]
        return [*ours, *super().get_urls()]

    def login(  # type: ignore[override]  # Django promises less than its view returns
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Ask for the password; lead on whoever has given it and lacks more than that."""
        from django.contrib.admin.forms import AdminAuthenticationForm  # noqa: PLC0415  # as Django does: it imports models

        from chatsite.factor import gate  # noqa: PLC0415  # as above
        from chatsite.factor.login import PasswordView, next_url, step_url  # noqa: PLC0415  # as above

        if request.method == "GET":
            if self.has_permission(request):
                return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
            found = gate.halfway(request)
            if found and not gate.is_pending(request):
                return HttpResponseRedirect(step_url(found.lack, next_url(request)))
        request.current_app = self.name
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            REDIRECT_FIELD_NAME: next_url(request),
            **(extra_context or {}),
        }
        return PasswordView.as_view(
            extra_context=context,
            authentication_form=AdminAuthenticationForm,
            template_name="admin/login.html",
        )(request)

    def _pages_before(self, request: HttpRequest, label: str) -> list[dict[str, Any]]:
        """Return the pages that stand in a room before one of its models."""
        if label not in PAGES:
            return []
        name, object_name, address, permission = PAGES[label]
        if not request.user.has_perm(permission):
            return []
        url = reverse(address, current_app=self.name)
        return [{"name": name, "object_name": object_name, "admin_url": url}]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show what waits for this person."""
        return super().index(request, {"desk": desk(request.user), **(extra_context or {})})

    def app_index(  # type: ignore[override]  # a redirect is a response as well
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        app_label: str,  # noqa: ARG002  # Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002  # Django's signature
    ) -> HttpResponseRedirect:
        """Lead to the desk: people think in rooms, not in Django apps."""
        return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
