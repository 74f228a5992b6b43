"""The widget over HTTP: loader, settings, panel, full page. None of them sets a cookie."""

from __future__ import annotations

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language_bidi, override
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from conversations.errors import UnknownWidgetError
from conversations.models import Widget
from conversations.widget.locales import locale_pick
from conversations.widget.origins import origins_allowed
from conversations.widget.scripts import script_loader, script_panel
from conversations.widget.selectors import widget_find, widget_questions
from conversations.widget.texts import launcher_texts, panel_texts

# Long enough to cost nothing, short enough that a changed setting shows the same morning.
MAX_AGE_SECONDS = 300
YEAR_SECONDS = 31_536_000
JAVASCRIPT = "text/javascript; charset=utf-8"


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
    script = script_panel()
    response = HttpResponse(script.source, content_type=JAVASCRIPT)
    if digest == script.digest:
        patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
    else:
        patch_cache_control(response, no_store=True)
    return response


@require_safe
def widget_settings(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with what the launcher needs to draw itself, to the allowed origins alone."""
    widget, origin = widget_find(key), request.headers.get("Origin")
    if widget is None:
        response = _refusal(UnknownWidgetError.code, status=404)
        # There is no widget to protect, and the page's developer should be able to read why.
        response["Access-Control-Allow-Origin"] = "*"
    elif origin is not None and origin not in origins_allowed(widget):
        response = _refusal("origin_not_allowed", status=403)
    else:
        response = _settings_body(widget, locale_pick(request))
        patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
        if origin is not None:
            response["Access-Control-Allow-Origin"] = origin
    patch_vary_headers(response, ["Origin"])
    return response


def _refusal(code: str, *, status: int) -> HttpResponse:
    response = JsonResponse({"error": {"code": code}}, status=status)
    patch_cache_control(response, no_store=True)  # once put right, the next visit must see it
    return response


def _settings_body(widget: Widget, locale: str) -> HttpResponse:
    with override(locale):
        body = {
            "name": widget.name,
            "accent": widget.accent,
            "locale": locale,
            "panel": reverse("widget-panel", args=[widget.public_key]),
            "texts": launcher_texts(widget.name),
        }
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


def _chat(request: HttpRequest, key: str, *, is_framed: bool) -> HttpResponseBase:
    widget, locale = widget_find(key), locale_pick(request)
    origins = origins_allowed(widget) if widget and is_framed else ()

    @csp_replace(_chat_policy(origins))
    def answer(request: HttpRequest) -> HttpResponseBase:
        return _chat_render(request, widget, locale, origins)

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
        "connect-src": [SELF, _socket_origin()],
        "form-action": [NONE],
        "frame-ancestors": list(ancestors) or [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["chatsite"],
    }


def _chat_render(
    request: HttpRequest, widget: Widget | None, locale: str, origins: tuple[str, ...]
) -> HttpResponse:
    frame = {"locale": locale, "is_rtl": get_language_bidi(), "is_framed": bool(origins)}
    if widget is None:
        return render(request, "widget/unavailable.html", frame, status=404)
    island = {
        "key": widget.public_key,
        "origin": settings.SITE_ORIGIN,
        "socket": f"{_socket_origin()}/ws/chat/{widget.public_key}/",
        "hosts": origins,
        "accent": widget.accent,
        "locale": locale,
        "maxCharacters": settings.MESSAGE_MAX_CHARACTERS,
        "texts": panel_texts(),
    }
    context = {
        "widget": widget,
        "questions": widget_questions(widget),
        "island": island,
        "script": script_panel().digest,
    }
    return render(request, "widget/chat.html", {**frame, **context})


def _socket_origin() -> str:
    return settings.SITE_ORIGIN.replace("http", "ws", 1)
