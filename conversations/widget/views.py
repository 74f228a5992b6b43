"""The widget over HTTP: loader, settings, panel, full page. None of them sets a cookie."""

from __future__ import annotations

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language_bidi, override
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from conversations.errors import UnknownWidgetError
from conversations.models import Widget
from conversations.widget.locales import locale_pick
from conversations.widget.look import launcher_look, refusal_hint, scheme_near
from conversations.widget.origins import origins_allowed
from conversations.widget.page import chat_context, island_element, socket_origin
from conversations.widget.scripts import (
    Script,
    script_loader,
    script_panel,
    styles_panel,
)
from conversations.widget.selectors import widget_find
from conversations.widget.served import script_aside, script_team

# Long enough to cost nothing, short enough that a changed setting shows the same morning.
MAX_AGE_SECONDS = 300
YEAR_SECONDS = 31_536_000
JAVASCRIPT = "text/javascript; charset=utf-8"
STYLE_SHEET = "text/css; charset=utf-8"


def _loader_etag(_request: HttpRequest) -> str:
    return f'"{script_loader().digest}"'


@require_safe
@gzip_page
@cache_control(public=True, max_age=MAX_AGE_SECONDS)
@condition(etag_func=_loader_etag)
def loader(_request: HttpRequest) -> HttpResponse:
    """Answer with the script that websites embed: one stable address, no hash in its name."""
    response = HttpResponse(script_loader().source, content_type=JAVASCRIPT)
    # A host under Cross-Origin-Embedder-Policy may load us too.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@gzip_page
def panel_script(_request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the panel's script; a page of another release gets the script of this one."""
    return _panel_part(script_panel(), digest, JAVASCRIPT)


@require_safe
@gzip_page
def panel_styles(_request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the panel's style sheet; a page of another release gets that of this one."""
    return _panel_part(styles_panel(), digest, STYLE_SHEET)


@require_safe
@gzip_page
def aside_script(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the script of what the panel seldom needs, in the page's language."""
    return _panel_part(script_aside(locale_pick(request)), digest, JAVASCRIPT)


@require_safe
@gzip_page
def team_script(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the script of the way to a person, in the page's language."""
    return _panel_part(script_team(locale_pick(request)), digest, JAVASCRIPT)


def _panel_part(part: Script, digest: str, content_type: str) -> HttpResponse:
    response = HttpResponse(part.source, content_type=content_type)
    if digest == part.digest:
        patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
    else:
        patch_cache_control(response, no_store=True)
    return response


@require_safe
@gzip_page
def widget_settings(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with what the launcher needs to draw itself, to the allowed origins alone."""
    widget, origin = widget_find(key), request.headers.get("Origin")
    if widget is None:
        response = _refusal(UnknownWidgetError.code, key, origin, status=404)
    elif origin is not None and origin not in origins_allowed(widget):
        response = _refusal("origin_not_allowed", key, origin, status=403)
    else:
        response = _settings_body(widget, locale_pick(request))
        patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
        if origin is not None:
            response["Access-Control-Allow-Origin"] = origin
    patch_vary_headers(response, ["Origin"])
    return response


def _refusal(code: str, key: str, origin: str | None, *, status: int) -> HttpResponse:
    error = {"code": code, "hint": refusal_hint(code, key, origin or "")}
    response = JsonResponse({"error": error}, status=status)
    # It tells nothing of the widget, and the page's developer should be able to read why.
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, no_store=True)  # once put right, the next visit must see it
    return response


def _settings_body(widget: Widget, locale: str) -> HttpResponse:
    with override(locale):
        body = launcher_look(widget, locale)
    return JsonResponse(body, headers={"Content-Language": locale})


@require_safe
@gzip_page
@xframe_options_exempt  # the policy's frame-ancestors says it exactly
def panel(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer with the chat as it stands in the widget's frame."""
    return _chat(request, key, is_framed=True)


@require_safe
@gzip_page
def page(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer with the chat as a page of its own, for links and for sites without frames."""
    return _chat(request, key, is_framed=False)


@xframe_options_exempt
def preview(request: HttpRequest, widget: Widget, *, locale: str, scheme: str) -> HttpResponseBase:
    """Answer with the chat as a widget that is not saved yet would look; it talks to nobody.

    For pages of our own, which check who asks.

    Args:
        request: Of a person who may see it.
        widget: What would be saved.
        locale: One of the site's languages; "" for the one this person reads.
        scheme: ``light`` or ``dark``; anything else is as their system prefers.
    """
    origins = (settings.SITE_ORIGIN,)
    return _chat_answer(
        request,
        widget,
        locale=locale or locale_pick(request),
        scheme=scheme_near(scheme),
        origins=origins,
        is_preview=True,
    )


def _chat(request: HttpRequest, key: str, *, is_framed: bool) -> HttpResponseBase:
    widget = widget_find(key)
    return _chat_answer(
        request,
        widget,
        locale=locale_pick(request),
        scheme=scheme_near(request.GET.get("scheme", "")),
        origins=origins_allowed(widget) if widget and is_framed else (),
    )


def _chat_answer(
    request: HttpRequest,
    widget: Widget | None,
    *,
    locale: str,
    scheme: str,
    origins: tuple[str, ...],
    is_preview: bool = False,
) -> HttpResponseBase:
    @csp_replace(_chat_policy(origins))
    def answer(request: HttpRequest) -> HttpResponseBase:
        frame = {
            "locale": locale,
            "is_rtl": get_language_bidi(),
            "is_framed": bool(origins),
            "styles": styles_panel().digest,
        }
        if widget is None:
            return render(request, "widget/unavailable.html", frame, status=404)
        context = chat_context(widget, locale, scheme, origins)
        if is_preview:
            context["island"]["isPreview"] = True
            context["look"] = launcher_look(widget, locale)
        context["script_data"] = island_element(context["island"])
        return render(request, "widget/chat.html", {**frame, **context})

    with override(locale):
        response = answer(request)
    response.headers["Content-Language"] = locale
    patch_cache_control(response, no_cache=True)  # it names the scripts of this release
    return response


def _chat_policy(ancestors: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what the chat's page may do; only our sanitised HTML passes Trusted Types.

    The websocket's origin is named because ``'self'`` did not cover it in Safari before 15.4.
    """
    return {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF, socket_origin()],
        "form-action": [NONE],
        "frame-ancestors": list(ancestors) or [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["chatsite"],
    }
