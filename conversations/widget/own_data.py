"""What customers may do with a conversation of theirs over HTTP: take a copy, erase it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from conversations.chat import selectors
from conversations.chat.runs import runs
from conversations.identity.owner import Owner
from conversations.privacy.copy import copy_make
from conversations.privacy.erasure import conversation_forget
from conversations.widget.customer_route import Answer, Route, customer_route
from conversations.widget.locales import locale_pick
from gateway.db import db

View: TypeAlias = Callable[[HttpRequest, UUID], Answer]


def _for_its_owner(view: View) -> Route:
    """Let in only whose conversation it is."""

    @customer_route
    @wraps(view)
    async def route(request: HttpRequest, owner: Owner, conversation: UUID) -> HttpResponse:
        await db(selectors.conversation_check, conversation, owner)
        return await view(request, conversation)

    return route


@require_GET
@_for_its_owner
async def conversation_copy(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Answer with the conversation as a file to keep or to print."""
    zone = _zone(request.GET.get("zone", ""))
    copy = await db(copy_make, conversation, locale_pick(request), zone)
    response = HttpResponse(copy.html, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{copy.filename}"'
    return response


@csrf_exempt  # the token proves who asks, and no browser sends it by itself
@require_http_methods(["DELETE"])
@_for_its_owner
async def conversation_erasure(_request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Erase the conversation and everything that was kept of it."""
    await conversation_forget(conversation, runs())
    return HttpResponse(status=204)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)
