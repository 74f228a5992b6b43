"""The admin site: Django's own under our theme, with navigation grouped by role."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chatsite.desk import desk

# Where each model stands in the sidebar; what is not named here follows under its app's name.
NAVIGATION = (
    (_("Conversations"), ("conversations.Conversation", "conversations.Widget")),
    (_("Prompts"), ("conversations.PromptTemplate",)),
    (
        _("Gateway"),
        (
            "gateway.Provider",
            "gateway.ApiKey",
            "gateway.Limit",
            "gateway.Budget",
            "gateway.Price",
            "gateway.Call",
            "gateway.Process",
            "gateway.Job",
        ),
    ),
    (_("People"), ("auth.User", "auth.Group")),
)


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
        rooms = [
            {"name": name, "models": [found.pop(label) for label in labels if label in found]}
            for name, labels in NAVIGATION
        ]
        others = [
            {"name": app["name"], "models": [m for m in app["models"] if m in found.values()]}
            for app in apps
        ]
        return [room for room in [*rooms, *others] if room["models"]]

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
