"""Who speaks: a visitor is a browser, known by a signed token and by nothing typed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

from conversations.errors import InvalidTokenError

SALT = "chatsite.visitor"


def visitor_token_make(visitor: UUID, widget_key: str) -> str:
    """Return a token that proves to ``widget_key`` that its bearer is ``visitor``.

    It travels in frames and headers, never in an address, and expires after
    ``VISITOR_TOKEN_DAYS``; each welcome renews it.
    """
    return signing.dumps([visitor.hex, widget_key], salt=SALT)


def visitor_token_read(token: str, widget_key: str) -> UUID:
    """Return the visitor whom the token names.

    Raises:
        InvalidTokenError: The token is forged, expired, or made for another widget.
    """
    max_age = timedelta(days=settings.VISITOR_TOKEN_DAYS)
    try:
        match signing.loads(token, salt=SALT, max_age=max_age):
            case [str(visitor), str(made_for)] if made_for == widget_key:
                return UUID(visitor)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidTokenError from error
    raise InvalidTokenError
