"""API keys: how each stands, and what to do with it. A secret goes in and never comes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from gateway.admin.key_actions import ACTIONS, action_page, replace_page
from gateway.admin.key_add import add_page
from gateway.admin.key_settings import settings_page
from gateway.admin.key_test import test_page
from gateway.admin.key_view import events_of, key_rows, limits_of, rotation_steps
from gateway.admin.key_words import key_state_cell
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page, person
from gateway.attention import NEEDS_SOMEBODY
from gateway.fullness import fullness_of
from gateway.models import ApiKey, Call
from gateway.models.call import Outcome
from gateway.models.provider import KeyState
from gateway.services import TESTABLE, key_view_note

HEALTH_WINDOW = timedelta(hours=1)


def keys_listed() -> QuerySet[ApiKey]:
    """Return keys with ``calls``, ``succeeded`` (of the last hour) and ``used_at``."""
    of_key = Call.objects.filter(provider=OuterRef("provider__slug"), key_label=OuterRef("label"))
    recent = (
        of_key.filter(started_at__gte=timezone.now() - HEALTH_WINDOW).order_by().values("key_label")
    )
    succeeded = Count("pk", filter=Q(outcome=Outcome.SUCCEEDED))
    return ApiKey.objects.select_related(
        "provider", "created_by", "state_by", "successor"
    ).annotate(
        calls=Coalesce(Subquery(recent.annotate(n=Count("pk")).values("n")), 0),
        succeeded=Coalesce(Subquery(recent.annotate(n=succeeded).values("n")), 0),
        used_at=Subquery(of_key.order_by("-started_at").values("started_at")[:1]),
    )


class StandingFilter(admin.SimpleListFilter):
    """Shows the keys in use unless asked for others."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return [("attention", _("Needs somebody")), ("retired", _("Retired"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice in super().choices(changelist):
            is_default = choice["selected"] == (self.value() is None) and not choice[
                "query_string"
            ].startswith(f"?{self.parameter_name}=")
            yield {**choice, "display": _("In use")} if is_default else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "attention":
            return queryset.filter(state__in=NEEDS_SOMEBODY)
        if self.value() == "retired":
            return queryset.filter(state=KeyState.RETIRED)
        return queryset.exclude(state=KeyState.RETIRED)


@admin.register(ApiKey)
class ApiKeyAdmin(Page[ApiKey]):
    """Where an operator keeps the keys healthy."""

    empty_title = _("No keys here")
    empty_text = _("Without a key no customer gets an answer. Add one for each provider.")
    list_display = (
        "label",
        "provider",
        "standing",
        "fingerprint",
        "number_weight",
        "number_calls",
        "number_succeeding",
        "last_used",
    )
    list_filter = (StandingFilter, "provider")
    search_fields = ("label", "fingerprint")
    ordering = ("provider__name", "label")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return keys_listed().order_by(*self.ordering)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False  # a key is retired; its row stays for the record

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "replace": self._page(replace_page),
            "test": self._page(test_page),
            "settings": self._page(settings_page),
        } | {name: self._page(action_page, action=action) for name, action in ACTIONS.items()}
        return [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(page),
                name=f"gateway_apikey_{name}",
            )
            for name, page in pages.items()
        ] + super().get_urls()

    @method_decorator(sensitive_post_parameters("secret"))
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Take a new key in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return add_page(self, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show how a key stands, with what can be done about it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        key = self.get_object(request, unquote(object_id))
        if key is None:
            raise Http404
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if request.method == "GET":
            key_view_note(key=key, by=person(request))
        context = self._shown(request, key, timezone.now())
        return TemplateResponse(request, "admin/gateway/apikey/key.html", context)

    def _shown(self, request: HttpRequest, key: ApiKey, now: datetime) -> dict[str, Any]:
        fullness = fullness_of(key.provider, [key], now)
        [row] = key_rows(key.provider, [key], now, fullness)
        may_change = self.has_change_permission(request, key)
        actions = [(n, a) for n, a in ACTIONS.items() if may_change and key.state in a.states]
        return {
            **self.admin_site.each_context(request),
            "title": key.label,
            "crumbs": [(_("API keys"), "../../")],
            "opts": self.opts,
            "key": key,
            "row": row,
            "shared_limits": limits_of(key.provider, fullness),
            "may_limit": request.user.has_perm("gateway.add_limit"),
            "steps": rotation_steps(key, now),
            "predecessors": list(key.predecessors.all()),
            "events": events_of(key=key),
            "actions": actions,
            "may_change": may_change,
            "may_test": may_change and key.state in TESTABLE,
            "may_replace": may_change and key.state != KeyState.RETIRED,
        }

    def _page(self, view: Any, **fixed: Any) -> Any:
        """Return the view, given this admin and the key, to those who may change keys."""

        @sensitive_post_parameters("secret")
        def page(request: HttpRequest, pk: int) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            key = ApiKey.objects.select_related("provider").filter(pk=pk).first()
            if key is None:
                raise Http404
            response: HttpResponse = view(self, request, key, **fixed)
            return response

        return page

    @admin.display(description=_("state"), ordering="state")
    def standing(self, key: ApiKey) -> str:
        return key_state_cell(key)

    @admin.display(description=_("weight"), ordering="weight")
    def number_weight(self, key: ApiKey) -> int:
        return key.weight

    @admin.display(description=_("calls, last hour"), ordering="calls")
    def number_calls(self, key: ApiKey) -> int:
        return int(getattr(key, "calls", 0))

    @admin.display(description=_("succeeded"), ordering="succeeded")
    def number_succeeding(self, key: ApiKey) -> str:
        calls = int(getattr(key, "calls", 0))
        return f"{getattr(key, 'succeeded', 0) / calls:.0%}" if calls else cells.UNKNOWN

    @admin.display(description=_("last used"), ordering="used_at")
    def last_used(self, key: ApiKey) -> str:
        used_at = getattr(key, "used_at", None)
        return cells.moment_cell(used_at) if used_at else str(_("never"))
