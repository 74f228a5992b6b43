"""The dashboard's two addresses: the page, and its content alone, which the page asks for again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from typing import TypeAlias

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gateway.dashboard.access import PERMISSION
from gateway.dashboard.board import DEFAULT_SPAN, SPANS, board_read

CONTENT = "admin/gateway/dashboard/board.html"
POLL_SECONDS = 4
STALE_SECONDS = 15

View: TypeAlias = Callable[[HttpRequest], HttpResponse]


def dashboard_urls(site: admin.AdminSite) -> list[URLPattern]:
    """Return the dashboard's addresses below the admin's."""
    return [
        path("gateway/dashboard/", site.admin_view(dashboard_page), name="gateway_dashboard"),
        path(
            "gateway/dashboard/live/",
            site.admin_view(dashboard_live),
            name="gateway_dashboard_live",
        ),
    ]


def _for_operators(view: View) -> View:
    """Let in those who may look at calls; to others a page does not even say what it answers."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request)

    return guarded


@_for_operators
@require_safe
def dashboard_page(request: HttpRequest) -> HttpResponse:
    """Show the page with its content; a script keeps the content fresh."""
    chosen = _chosen(request)
    return TemplateResponse(
        request,
        "admin/gateway/dashboard/dashboard.html",
        {
            **admin.site.each_context(request),
            "title": _("Dashboard"),
            "spans": [(name, span.words, name == chosen) for name, span in SPANS.items()],
            "live_url": f"{reverse('admin:gateway_dashboard_live')}?range={chosen}",
            "poll_seconds": POLL_SECONDS,
            "stale_seconds": STALE_SECONDS,
            "board": board_read(SPANS[chosen], timezone.now(), request.user),
        },
    )


@_for_operators
@require_safe
def dashboard_live(request: HttpRequest) -> HttpResponse:
    """Answer with the content alone, or with 304 if the browser has it already."""
    board = board_read(SPANS[_chosen(request)], timezone.now(), request.user)
    content = render_to_string(CONTENT, {"board": board}, request)
    tag = f'"{blake2b(content.encode(), digest_size=12).hexdigest()}"'
    is_known = request.headers.get("If-None-Match") == tag
    response = HttpResponseNotModified() if is_known else HttpResponse(content)
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _chosen(request: HttpRequest) -> str:
    chosen = request.GET.get("range", DEFAULT_SPAN)
    return chosen if chosen in SPANS else DEFAULT_SPAN
