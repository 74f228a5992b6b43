"""In which language a page speaks."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from conversations.locales import locale_near


def locale_pick(request: HttpRequest) -> str:
    """Return the language named by ``?locale=``, else the one the browser prefers.

    A website names what it speaks (``zh-CN``, ``en_GB``); the nearest language we have wins.
    """
    wanted = request.GET.get("locale", "")
    return locale_near(wanted) or get_language() or settings.LANGUAGE_CODE
