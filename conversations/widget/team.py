"""A customer leaves a message for the team, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conversations.chat.limits import address_of, turnstile
from conversations.chat.protocol import LOCALE_CHARACTERS
from conversations.chat.runs import runs
from conversations.chat.services import Visit
from conversations.chat.text import PAGE_CHARACTERS, page_clean
from conversations.errors import InvalidFrameError
from conversations.identity.owner import Owner
from conversations.models.team import NAME_CHARACTERS, TEXT_CHARACTERS
from conversations.team.services import EMAIL_CHARACTERS, Letter, team_message_leave
from conversations.widget.customer_route import customer_route
from gateway.db import db

# Four bytes a character, and as much again for JSON's own way of writing some of them.
MOST_BYTES = 8 * (TEXT_CHARACTERS + NAME_CHARACTERS + EMAIL_CHARACTERS + PAGE_CHARACTERS)


@csrf_exempt  # the token proves who asks, and no browser sends it by itself
@require_POST
@customer_route
async def team_message(request: HttpRequest, owner: Owner) -> HttpResponse:
    """Keep what a customer leaves for the team; 201 only once it is committed."""
    conversation = await _leave(request, owner)
    return JsonResponse({"conversation": str(conversation)}, status=201)


async def _leave(request: HttpRequest, owner: Owner) -> UUID:
    body = request.body
    if len(body) > MOST_BYTES:  # whatever its header says: one sent in chunks has none
        raise InvalidFrameError
    said = _read(body)
    visit = Visit(
        widget=owner.widget,
        visitor=owner.visitor,
        customer=owner.customer,
        locale=(get_language() or "")[:LOCALE_CHARACTERS],
        page=page_clean(_text(said, "page")),
    )
    letter = Letter(
        id=_uuid(said.get("id")),
        name=_text(said, "name"),
        email=_text(said, "email"),
        text=_text(said, "text"),
    )
    given = said.get("conversation")
    await turnstile.letter_admit(address_of([request.META.get("REMOTE_ADDR", "")]))
    conversation = await db.write(
        team_message_leave,
        visit=visit,
        conversation=None if given is None else _uuid(given),
        letter=letter,
        now=timezone.now(),
    )
    runs().pokes.changed(conversation)
    return conversation


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidFrameError from error
    if not isinstance(said, dict):
        raise InvalidFrameError
    return said


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise InvalidFrameError
    return value


def _uuid(value: object) -> UUID:
    try:
        return UUID(value)  # type: ignore[arg-type]  # what is no text raises
    except (ValueError, AttributeError, TypeError) as error:
        raise InvalidFrameError from error
