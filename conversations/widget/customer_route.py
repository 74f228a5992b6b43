"""What customers ask over HTTP for what is theirs: who asks is proved, each refusal has a code.

The tokens of the socket's welcome come in headers, and never in an address: the visitor's as
``Authorization: Bearer …``, a signed-in customer's as ``X-Chatsite-Session`` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import override

from conversations.chat.entrance import recognize
from conversations.chat.limits import address_of, turnstile
from conversations.errors import (
    ConversationError,
    HeldError,
    IdentityError,
    InvalidTokenError,
    MessageError,
    NotFoundError,
    NotSavedError,
    ProtocolError,
    TeamError,
    TooManyError,
)
from conversations.identity.owner import Owner
from conversations.widget.locales import locale_pick

STATUSES: dict[type[ConversationError], int] = {
    IdentityError: 401,
    ProtocolError: 400,
    MessageError: 400,
    TeamError: 400,
    NotFoundError: 404,
    HeldError: 409,
    TooManyError: 429,
    NotSavedError: 503,
}

Rest = ParamSpec("Rest")
Answer: TypeAlias = Coroutine[Any, Any, HttpResponse]
View: TypeAlias = Callable[Concatenate[HttpRequest, Owner, Rest], Answer]
Route: TypeAlias = Callable[..., Answer]  # by the names in its address


def customer_route(view: View[Rest]) -> Route:
    """Let a view see only who has proved who they are, and tell each refusal by its code.

    It runs in the customer's language, and nobody keeps its answer. It may raise any
    ``ConversationError``; what the database does not take is ``not_saved``.
    """

    @wraps(view)
    async def route(
        request: HttpRequest, key: str, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponse:
        with override(locale_pick(request)):
            try:
                response = await view(request, await _owner_admit(request, key), *args, **kwargs)
            except ConversationError as error:
                response = _refusal(error)
            except DatabaseError:
                response = _refusal(NotSavedError())
        patch_cache_control(response, private=True, no_store=True)
        return response

    return route


async def _owner_admit(request: HttpRequest, key: str) -> Owner:
    """Return who asks, as their tokens prove, and count it as a message.

    Raises:
        UnknownWidgetError: No active widget has this key.
        IdentityError: A token is missing or of no use.
        TooManyError: It is one too many.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidTokenError
    session = request.headers.get("X-Chatsite-Session")
    owner = (await recognize(key, token, session, timezone.now())).owner
    await turnstile.message_admit(owner.id, address_of([request.META.get("REMOTE_ADDR", "")]))
    return owner


def _refusal(error: ConversationError) -> HttpResponse:
    """Return an error as the panel is told of it."""
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 500)
    response = JsonResponse({"error": {"code": error.code, "text": str(error.text)}}, status=status)
    if error.retry_after:
        response["Retry-After"] = str(round(error.retry_after + 0.5))
    return response
