"""Letting somebody in: from tokens to an owner, the same for sockets and for pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from conversations.errors import (
    IdentityExpiredError,
    IdentityRequiredError,
    InvalidTokenError,
    UnverifiedError,
)
from conversations.identity.customers import customer_recognize
from conversations.identity.jwt import identity_verify
from conversations.identity.owner import Owner
from conversations.identity.revocations import revocation_check, token_subjects_revoke
from conversations.identity.secrets import signing_secrets_open
from conversations.identity.tokens import (
    Session,
    session_token_make,
    session_token_read,
    visitor_token_make,
    visitor_token_read,
)
from conversations.models import Customer, Widget

_REQUIRED = "This widget is for signed-in customers: call chatsite.setUser({identity: …})."
_ERASED = "The session's customer is not there any more: call setUser with a fresh token."


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Who came in, and what they come in with the next time.

    Args:
        owner: Whose conversations they see.
        token: The browser's.
        session: The signed-in customer's stay; None for nobody.
        session_token: What proves it.
        name: What the website calls the customer.
    """

    owner: Owner
    token: str
    session: Session | None = None
    session_token: str | None = None
    name: str = ""

    def is_ended_by(self, revoked: Mapping[UUID, datetime]) -> bool:
        """Return whether one of these revocations, by whom they name, ends the stay."""
        is_over = self.session is not None and self.session.is_ended_by(revoked)
        return is_over or self.owner.visitor in revoked

    def is_shut_out_of(self, widgets: Collection[int]) -> bool:
        """Return whether nobody vouches for them, and they are on one of these widgets."""
        return self.session is None and self.owner.widget in widgets


def identity_required() -> IdentityRequiredError:
    """Return what somebody is told whom a widget does not let in, or in any longer, unverified."""
    return IdentityRequiredError(_REQUIRED)


def admit(*, widget: Widget, token: str | None, session: str | None, now: datetime) -> Admission:
    """Let in a browser with what an earlier welcome gave it. Reads only.

    Args:
        widget: Where.
        token: The visitor's; None for a new one.
        session: The signed-in customer's; None for nobody.
        now: When.

    Raises:
        InvalidTokenError: The visitor's token is of no use.
        UnverifiedError: The session's is of no use, or the widget demands one.
    """
    visitor = visitor_token_read(token, widget.public_key) if token else None
    stay = session_token_read(session, widget.public_key, now) if session else None
    if stay is None and widget.is_verified_only:
        raise identity_required()
    revocation_check(visitor=visitor, session=stay)
    customer = None
    if stay:
        customer = Customer.objects.filter(pk=stay.customer, widget=widget).first()
        if customer is None:
            raise IdentityExpiredError(_ERASED)
    return _admission(widget, visitor or uuid4(), customer, stay, session if stay else None)


def admit_identity(*, widget: Widget, token: str | None, identity: str, now: datetime) -> Admission:
    """Let in a customer for whom the website vouches, and remember what it says of them.

    Raises:
        InvalidTokenError: The visitor's token is of no use.
        UnverifiedError: The website's word is of no use.
    """
    visitor = visitor_token_read(token, widget.public_key) if token else None
    claims = identity_verify(
        identity,
        signing_secrets_open(widget.pk),
        audience=widget.public_key,
        now_seconds=now.timestamp(),
    )
    revocation_check(visitor=visitor, session=None)
    customer = customer_recognize(widget=widget.pk, claims=claims, now=now)
    stay = Session.begin(customer.pk, now)
    stay_token = session_token_make(stay, widget.public_key)
    return _admission(widget, visitor or uuid4(), customer, stay, stay_token)


def tokens_revoke(*, widget_key: str, tokens: list[str], now: datetime) -> None:
    """End the tokens with which a browser was here, as its customer signs out.

    What is no token, or none of this widget's, or over already, needs no ending.
    """
    subjects = [_subject(token, widget_key, now) for token in tokens]
    known = [subject for subject in subjects if subject is not None]
    if known:
        token_subjects_revoke(subjects=known, now=now)


def _subject(token: str, widget_key: str, now: datetime) -> UUID | None:
    try:
        return visitor_token_read(token, widget_key)
    except InvalidTokenError:
        pass
    try:
        return session_token_read(token, widget_key, now).id
    except UnverifiedError:
        return None


def _admission(
    widget: Widget,
    visitor: UUID,
    customer: Customer | None,
    session: Session | None,
    session_token: str | None,
) -> Admission:
    return Admission(
        owner=Owner(widget=widget.pk, visitor=visitor, customer=customer.pk if customer else None),
        token=visitor_token_make(visitor, widget.public_key),
        session=session,
        session_token=session_token,
        name=customer.name if customer else "",
    )
