"""In which language a page speaks."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_supported_language_variant


def locale_pick(request: HttpRequest) -> str:
    """Return the language named by ``?locale=``, else the one the browser prefers.

    A website names what it speaks (``zh-CN``, ``en_GB``); the nearest language we have wins.
    """
    wanted = request.GET.get("locale", "").replace("_", "-").lower()
    try:
        return get_supported_language_variant(wanted)
    except LookupError:
        return get_language() or settings.LANGUAGE_CODE
