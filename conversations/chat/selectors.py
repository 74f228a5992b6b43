"""What sockets read of conversations. Plain functions for ``db()``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from conversations.chat import statements
from conversations.chat.apologies import apology
from conversations.chat.attributes import Attributes
from conversations.chat.revisions import (
    conversation_prove,
)
from conversations.chat.rows import TOLD, Told, told
from conversations.chat.text import text_clean
from conversations.errors import UnknownConversationError, UnknownWidgetError
from conversations.identity.owner import Owner
from conversations.markdown import render_markdown
from conversations.models import Author, Conversation, Message, Reply, ReplyStatus, Widget
from conversations.models.conversation import OPEN_STATUSES

PAGE_MESSAGES = 50
PAGE_TALKS = 20
# A client that has missed more than this starts afresh.
CHANGES_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Running:
    """A reply that speaks right now."""

    reply: int
    position: int


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of a conversation as a client is told of them."""

    conversation: UUID | None
    revision: int
    messages: tuple[dict[str, Any], ...]
    has_older: bool
    is_reset: bool
    running: Running | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Conversations of a visitor as a client is told of them, the last active one first."""

    talks: tuple[dict[str, Any], ...]
    has_more: bool


EMPTY_PAGE = Page(None, 0, (), has_older=False, is_reset=True, running=None)


def page_before(conversation: UUID) -> Page:
    """Return what a client knows of a conversation that its message has just begun: nothing."""
    return replace(EMPTY_PAGE, conversation=conversation)


def widget_get(public_key: str) -> Widget:
    """Return the active widget with this public key, ready to converse.

    Raises:
        UnknownWidgetError: There is none, or its prompt template has nothing live yet.
    """
    widget = (
        Widget.objects.filter(
            public_key=text_clean(public_key), is_active=True, prompt_template__live__isnull=False
        )
        .select_related("prompt_template")
        .first()
    )
    if widget is None:
        raise UnknownWidgetError
    return widget


def conversation_latest(owner: Owner) -> UUID | None:
    """Return the owner's most recent conversation."""
    rows = owner.conversations().order_by("-active_at")
    return rows.values_list("pk", flat=True).first()


def conversations_of(owner: Owner, before: datetime | None) -> Shelf:
    """Return the owner's conversations on a widget, by their last activity before a moment."""
    rows = owner.conversations()
    if before:
        rows = rows.filter(active_at__lt=before)
    found = list(rows.order_by("-active_at").only("opening", "active_at")[: PAGE_TALKS + 1])
    talks = (
        # To the microsecond: the client hands it back to ask for the next page.
        {"id": str(row.pk), "opening": row.opening, "at": row.active_at.isoformat()}
        for row in found[:PAGE_TALKS]
    )
    return Shelf(tuple(talks), has_more=len(found) > PAGE_TALKS)


def conversation_check(conversation: UUID, owner: Owner) -> None:
    """Make sure that a conversation is this owner's.

    Raises:
        UnknownConversationError: It is not, or there is no such conversation.
    """
    if not owner.conversations().filter(pk=conversation).exists():
        raise UnknownConversationError


def attributes_among(conversation: UUID, names: Iterable[str]) -> Attributes:
    """Return what is kept under these names; None under a name that nothing is kept under."""
    rows = Conversation.objects.filter(pk=conversation).values_list("attributes", flat=True)
    kept = rows.first() or {}
    return {name: kept.get(name) for name in names}


def conversation_page(conversation: UUID, since_revision: int) -> Page:
    """Return what has changed since a revision; the newest messages if that is too much.

    Raises:
        UnknownConversationError: It was erased a moment ago.
    """
    rows = told(conversation)
    revision = (
        Conversation.objects.filter(pk=conversation).values_list("revision", flat=True).first()
    )
    if revision is None:
        raise UnknownConversationError
    if 0 < since_revision <= revision:
        changed = _told(rows.filter(revision__gt=since_revision)[: CHANGES_MESSAGES + 1])
        if len(changed) <= CHANGES_MESSAGES:
            return _page(conversation, revision, changed, is_reset=False)
    newest = _told(rows.order_by("-position")[:PAGE_MESSAGES])[::-1]
    return _page(conversation, revision, newest, is_reset=True)


def conversation_changes(conversation: UUID, since_revision: int) -> Page:
    """Return what has changed since a revision, in one query.

    Its ``running`` is a reply that has begun meanwhile; one that ran before is not looked for.

    Raises:
        UnknownConversationError: It was erased.
    """
    changed = statements.messages_changed.rows(conversation=conversation, revision=since_revision)
    if not changed:
        conversation_prove(conversation)
    return Page(
        conversation=conversation,
        revision=max((message.revision for message in changed), default=since_revision),
        messages=tuple(map(message_object, changed)),
        has_older=False,
        is_reset=False,
        running=next(filter(None, map(_running_of, changed)), None),
    )


def conversation_history(conversation: UUID, before: int) -> Page:
    """Return the messages that stand before a position."""
    rows = told(conversation).filter(position__lt=before)
    older = _told(rows.order_by("-position")[:PAGE_MESSAGES])[::-1]
    return _page(conversation, 0, older, is_reset=False)


def message_object(message: Told) -> dict[str, Any]:
    """Return a message as the protocol describes it, in the active language."""
    shared = {
        "position": message.position,
        "revision": message.revision,
        "author": message.author,
        "at": message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if message.author == Author.CUSTOMER:
        return {**shared, "id": str(message.client_id), "text": message.text}
    is_sorry = message.status in {ReplyStatus.INTERRUPTED, ReplyStatus.FAILED}
    code = message.error_code or ""
    return {
        **shared,
        "status": message.status,
        "attempt": message.attempt,
        "error": {"code": code, "text": gettext(apology(code))} if is_sorry else None,
        **({} if message.status in OPEN_STATUSES else {"html": render_markdown(message.text)}),
        "rating": rating_object(message),
    }


def rating_object(message: Told) -> dict[str, Any] | None:
    """Return what the customer thinks of an answer as the protocol describes it."""
    if message.rating is None:
        return None
    return {
        "value": message.rating,
        "reason": message.rating_reason or None,
        "comment": message.rating_comment or "",
    }


def _told(rows: QuerySet[Message]) -> list[Told]:
    return [Told(*row) for row in rows.values_list(*TOLD)]


def _running_of(message: Told) -> Running | None:
    if message.status != ReplyStatus.RUNNING:
        return None
    return Running(message.pk, message.position)


def _page(conversation: UUID, revision: int, messages: list[Told], *, is_reset: bool) -> Page:
    return Page(
        conversation=conversation,
        revision=revision,
        messages=tuple(map(message_object, messages)),
        has_older=bool(messages) and messages[0].position > 1,
        is_reset=is_reset,
        running=_running(conversation),
    )


def _running(conversation: UUID) -> Running | None:
    row = (
        Reply.objects.filter(message__conversation=conversation, status=ReplyStatus.RUNNING)
        .values_list("pk", "message__position")
        .first()
    )
    return Running(*row) if row else None
