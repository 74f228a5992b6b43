"""What sockets read of conversations. Plain functions for ``db()``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from conversations.chat.apologies import apology
from conversations.chat.text import text_clean
from conversations.errors import UnknownConversationError, UnknownWidgetError
from conversations.markdown import render_markdown
from conversations.models import Author, Conversation, Message, Reply, ReplyStatus, Widget

PAGE_MESSAGES = 50
# A client that has missed more than this starts afresh.
CHANGES_MESSAGES = 200


# What a message's object is made of: rows are wide, and each change is read for each socket.
READ = (
    *("position", "revision", "author", "client_id", "text", "created_at"),
    *("reply__status", "reply__attempt", "reply__error_code"),
)


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


def conversation_latest(widget: int, visitor: UUID) -> UUID | None:
    """Return the visitor's most recent conversation on a widget."""
    rows = Conversation.objects.filter(widget=widget, visitor=visitor).order_by("-active_at")
    return rows.values_list("pk", flat=True).first()


def conversation_check(conversation: UUID, widget: int, visitor: UUID) -> None:
    """Make sure that a conversation is this visitor's, on this widget.

    Raises:
        UnknownConversationError: It is not, or there is no such conversation.
    """
    if not Conversation.objects.filter(pk=conversation, widget=widget, visitor=visitor).exists():
        raise UnknownConversationError


def conversation_page(conversation: UUID, since_revision: int) -> Page:
    """Return what has changed since a revision; the newest messages if that is too much."""
    rows = _messages(conversation)
    revision = Conversation.objects.values_list("revision", flat=True).get(pk=conversation)
    if 0 < since_revision <= revision:
        changed = list(rows.filter(revision__gt=since_revision)[: CHANGES_MESSAGES + 1])
        if len(changed) <= CHANGES_MESSAGES:
            return _page(conversation, revision, changed, is_reset=False)
    newest = list(rows.order_by("-position")[:PAGE_MESSAGES])[::-1]
    return _page(conversation, revision, newest, is_reset=True)


def conversation_changes(conversation: UUID, since_revision: int) -> Page:
    """Return what has changed since a revision, in one query.

    Its ``running`` is a reply that has begun meanwhile; one that ran before is not looked for.
    """
    changed = list(_messages(conversation).filter(revision__gt=since_revision))
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
    older = list(
        _messages(conversation).filter(position__lt=before).order_by("-position")[:PAGE_MESSAGES]
    )[::-1]
    return _page(conversation, 0, older, is_reset=False)


def message_object(message: Message) -> dict[str, Any]:
    """Return a message as the protocol describes it, in the active language."""
    shared = {
        "position": message.position,
        "revision": message.revision,
        "author": message.author,
        "at": message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if message.author == Author.CUSTOMER:
        return {**shared, "id": str(message.client_id), "text": message.text}
    reply = message.reply
    is_sorry = reply.status in {ReplyStatus.INTERRUPTED, ReplyStatus.FAILED}
    error = {"code": reply.error_code, "text": gettext(apology(reply.error_code))}
    return {
        **shared,
        "status": reply.status,
        "attempt": reply.attempt,
        "error": error if is_sorry else None,
        **({} if reply.is_open else {"html": render_markdown(message.text)}),
    }


def _messages(conversation: UUID) -> QuerySet[Message]:
    return (
        Message.objects.filter(conversation=conversation)
        .select_related("reply")
        .only(*READ)
        .order_by("position")
    )


def _running_of(message: Message) -> Running | None:
    if message.author == Author.CUSTOMER or message.reply.status != ReplyStatus.RUNNING:
        return None
    return Running(message.pk, message.position)


def _page(conversation: UUID, revision: int, messages: list[Message], *, is_reset: bool) -> Page:
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
