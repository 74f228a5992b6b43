"""The sample shop: a website that embeds the widget exactly as any other would."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from conversations.widget.selectors import widget_first


@require_safe
@gzip_page
def shop(request: HttpRequest) -> HttpResponse:
    """Answer with the shop's front page, and the first active widget on it."""
    context = {"widget": widget_first(), "locale": get_language()}
    response = render(request, "shop.html", context)
    patch_cache_control(response, no_cache=True)
    return response
