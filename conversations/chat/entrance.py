"""The door of a socket: a hello and its tokens in, an owner and the first page out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone, translation

from conversations.chat import selectors
from conversations.chat.protocol import PROTOCOL, Frame, Hello
from conversations.chat.selectors import Page, widget_get
from conversations.chat.services import Visit
from conversations.chat.team import TeamTold, team_is_offered, team_told
from conversations.identity.admission import Admission, admit, admit_identity, tokens_revoke
from gateway.db import db


@dataclass(frozen=True, slots=True)
class Shown:
    """What a customer sees first.

    Args:
        page: Of their conversation.
        is_joinable: Whether this browser has more to bring along.
        team: The way to a person as it is now; None where the widget never offers one.
    """

    page: Page
    is_joinable: bool
    team: TeamTold | None


async def let_in(hello: Hello, public_key: str, now: datetime) -> Admission:
    """Return who says hello; what they give up is revoked first, whatever comes of the rest.

    Raises:
        UnknownWidgetError: No active widget has this key.
        IdentityError: A token is of no use, or the widget demands one that is not there.
    """
    if hello.revoke:
        tokens = list(hello.revoke)
        await db.write(tokens_revoke, widget_key=public_key, tokens=tokens, now=now)
    if hello.identity is not None:
        return await db.write(_admit_identity, public_key, hello.token, hello.identity, now)
    return await recognize(public_key, hello.token, hello.session, now)


async def recognize(
    public_key: str, token: str | None, session: str | None, now: datetime
) -> Admission:
    """Return who comes with these tokens of an earlier welcome.

    Raises:
        UnknownWidgetError: No active widget has this key.
        IdentityError: A token is of no use, or the widget demands one that is not there.
    """
    return await db(_admit, public_key, token, session, now)


def welcome_frame(admission: Admission, shown: Shown, now: datetime) -> Frame:
    """Return what a browser is told: who came in, what proves it the next time, what there is."""
    session, page = admission.session, shown.page
    return {
        "type": "welcome",
        "protocol": PROTOCOL,
        "token": admission.token,
        "session": admission.session_token,
        "session_seconds": int((session.ends_at - now).total_seconds()) if session else None,
        "verified": session is not None,
        "customer": str(session.customer) if session else None,
        "name": admission.name,
        "joinable": shown.is_joinable,
        "team": shown.team and shown.team.told,
        "conversation": str(page.conversation) if page.conversation else None,
        "revision": page.revision,
        "messages": page.messages,
        "has_older": page.has_older,
        "reset": page.is_reset,
    }


def page_shown(hello: Hello, visit: Visit, locale: str) -> Shown:
    """Return what the customer sees first.

    A plain function for ``db()``.

    Raises:
        UnknownConversationError: The conversation is not theirs.
    """
    is_back = hello.token is not None and visit.customer is not None
    is_joinable = is_back and visit.signed_out().conversations().exists()
    page = _conversation_page(hello, visit, locale)
    offers_team = team_is_offered(visit.widget)
    team = team_told(visit.widget, page.conversation, timezone.now()) if offers_team else None
    return Shown(page, is_joinable, team)


def _conversation_page(hello: Hello, visit: Visit, locale: str) -> Page:
    conversation: UUID | None
    match hello.conversation:
        case "new":
            conversation = None
        case "latest":
            conversation = selectors.conversation_latest(visit)
        case UUID() as conversation:
            selectors.conversation_check(conversation, visit)
    if conversation is None:
        return selectors.EMPTY_PAGE
    # Only a client that names the conversation can know a part of it already.
    since = hello.revision if hello.conversation == conversation else 0
    with translation.override(locale or None):
        return selectors.conversation_page(conversation, since)


def _admit(public_key: str, token: str | None, session: str | None, now: datetime) -> Admission:
    return admit(widget=widget_get(public_key), token=token, session=session, now=now)


def _admit_identity(public_key: str, token: str | None, identity: str, now: datetime) -> Admission:
    return admit_identity(widget=widget_get(public_key), token=token, identity=identity, now=now)
