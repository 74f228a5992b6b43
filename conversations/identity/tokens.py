"""Tokens of ours, for what we know already: a visitor is a browser, a session a signed-in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing

from conversations.errors import IdentityExpiredError, IdentityInvalidError, InvalidTokenError

SALT = "chatsite.visitor"
SESSION_SALT = "chatsite.session"

_EXPIRED = "The chat's session is over: call setUser with a fresh token, or give it refresh."
_FORGED = "The chat's session token is not one of this site and widget."


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in customer's stay at one browser.

    Args:
        id: Its own, so that it can be ended alone.
        customer: Whose it is.
        began_at: When the website vouched for the customer.
    """

    id: UUID
    customer: UUID
    began_at: datetime

    @classmethod
    def begin(cls, customer: UUID, now: datetime) -> Session:
        """Return a new session."""
        return cls(uuid4(), customer, now)

    @property
    def ends_at(self) -> datetime:
        """When the website must vouch again."""
        return self.began_at + timedelta(minutes=settings.SESSION_TOKEN_MINUTES)

    def is_ended_by(self, revoked: Mapping[UUID, datetime]) -> bool:
        """Return whether one of these revocations, by whom they name, ends this session."""
        moment = revoked.get(self.customer)
        return self.id in revoked or (moment is not None and self.began_at <= moment)


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


def session_token_make(session: Session, widget_key: str) -> str:
    """Return a token that proves to ``widget_key`` that its bearer is in this session.

    It ends ``SESSION_TOKEN_MINUTES`` after the session began and is never renewed: the website
    must vouch for its customer again.
    """
    began = round(session.began_at.timestamp() * 1000)
    content = [session.id.hex, session.customer.hex, began, widget_key]
    return signing.dumps(content, salt=SESSION_SALT)


def session_token_read(token: str, widget_key: str, now: datetime) -> Session:
    """Return the session that the token names.

    Raises:
        IdentityExpiredError: The session is over.
        IdentityInvalidError: The token is forged, or made for another widget.
    """
    try:
        session = _session(signing.loads(token, salt=SESSION_SALT), widget_key)
    except (signing.BadSignature, ValueError, OverflowError) as error:
        raise IdentityInvalidError(_FORGED) from error
    if session is None:
        raise IdentityInvalidError(_FORGED)
    if now >= session.ends_at:
        raise IdentityExpiredError(_EXPIRED)
    return session


def _session(content: Any, widget_key: str) -> Session | None:
    match content:
        case [str(own), str(customer), int(began), str(made_for)] if made_for == widget_key:
            began_at = datetime.fromtimestamp(began / 1000, UTC)
            return Session(UUID(own), UUID(customer), began_at)
    return None
