"""What customers can do: send, stop, try again. Plain functions for ``db.write()``."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversations.chat.leases import Claim, reply_begin, reply_request_stop, revision_advance
from conversations.chat.text import text_clean
from conversations.errors import (
    EmptyMessageError,
    MessageConflictError,
    MessageTooLongError,
    UnknownConversationError,
    UnknownReplyError,
    UnknownWidgetError,
)
from conversations.models import Author, Conversation, Message, Reply, ReplyStatus, Widget
from conversations.models.conversation import OPEN_STATUSES

OPENING_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visitor on a widget, with what their browser says of itself."""

    widget: int
    visitor: UUID
    locale: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a message is committed; ``claim`` is there if its reply may begin at once."""

    conversation: UUID
    position: int
    revision: int
    claim: Claim | None


def message_receive(
    *, visit: Visit, conversation: UUID | None, client_id: UUID, text: str, owner: str
) -> Receipt:
    """Store a customer's message and an open reply to it, all or nothing.

    A conversation begins with its first message and takes its id from it, so that a repeat of
    that message, from whatever socket and process, finds the same conversation.

    Args:
        visit: Who speaks, and where.
        conversation: The conversation that goes on, or None for a new one.
        client_id: The browser's id of the message; with the same text a repeat is harmless.
        text: What the customer typed, not yet cleaned.
        owner: The process that answers at once if no earlier reply is open; "" for none.

    Raises:
        EmptyMessageError: Nothing is left of the text.
        MessageTooLongError: It has more than ``MESSAGE_MAX_CHARACTERS``.
        MessageConflictError: The id came before with other text.
        UnknownConversationError: The conversation is not this visitor's.
        UnknownWidgetError: The widget can start no conversation now.
    """
    text = text_clean(text)
    if not text:
        raise EmptyMessageError
    if len(text) > settings.MESSAGE_MAX_CHARACTERS:
        raise MessageTooLongError
    with transaction.atomic():
        row = (
            _conversation_lock(visit, conversation)
            if conversation
            else _conversation_start(visit, uuid5(visit.visitor, str(client_id)), text)
        )
        sent_before = row.messages.filter(client_id=client_id).first()
        if sent_before is None:
            return _message_store(row, client_id, text, owner)
        if sent_before.text != text:
            raise MessageConflictError
        return Receipt(row.pk, sent_before.position, sent_before.revision, None)


@transaction.atomic
def reply_stop(*, conversation: UUID, position: int) -> int:
    """Ask for the end of a reply and return its id; harmless when it has ended.

    Raises:
        UnknownReplyError: No reply stands at this position.
    """
    Conversation.objects.select_for_update().get(pk=conversation)
    reply = _reply_get(conversation, position)
    reply_request_stop(reply, conversation)
    return reply.message_id


@transaction.atomic
def reply_retry(*, conversation: UUID, position: int) -> bool:
    """Queue another attempt at a reply that was interrupted or failed; False if it was not.

    Raises:
        UnknownReplyError: No reply stands at this position.
    """
    Conversation.objects.select_for_update().get(pk=conversation)
    reply = _reply_get(conversation, position)
    if reply.status not in {ReplyStatus.INTERRUPTED, ReplyStatus.FAILED}:
        return False
    reply.status = ReplyStatus.QUEUED
    reply.recoveries = 0
    reply.save()
    Message.objects.filter(pk=reply.pk).update(revision=revision_advance(conversation))
    return True


def _conversation_lock(visit: Visit, conversation: UUID) -> Conversation:
    row = (
        Conversation.objects.select_for_update()
        .filter(pk=conversation, widget=visit.widget, visitor=visit.visitor)
        .first()
    )
    if row is None:
        raise UnknownConversationError
    return row


def _conversation_start(visit: Visit, conversation: UUID, text: str) -> Conversation:
    widget = Widget.objects.select_related("prompt_template").get(pk=visit.widget)
    version = widget.prompt_template.live_id
    if version is None or not widget.is_active:
        raise UnknownWidgetError
    Conversation.objects.get_or_create(
        pk=conversation,
        defaults={
            "widget": widget,
            "visitor": visit.visitor,
            "prompt_version_id": version,
            "locale": visit.locale,
            "page_url": visit.page,
            "opening": text[:OPENING_CHARACTERS],
        },
    )
    return _conversation_lock(visit, conversation)


def _message_store(row: Conversation, client_id: UUID, text: str, owner: str) -> Receipt:
    has_open = Reply.objects.filter(message__conversation=row, status__in=OPEN_STATUSES).exists()
    position = row.message_count + 1
    revision = revision_advance(row.pk)
    question = Message.objects.create(
        conversation=row,
        position=position,
        revision=revision,
        author=Author.CUSTOMER,
        client_id=client_id,
        text=text,
    )
    answer = Message.objects.create(
        conversation=row, position=position + 1, revision=revision, author=Author.ASSISTANT
    )
    reply = Reply.objects.create(
        message=answer, question=question, prompt_version_id=row.prompt_version_id
    )
    Conversation.objects.filter(pk=row.pk).update(
        message_count=position + 1, active_at=timezone.now()
    )
    claim = None if has_open or not owner else reply_begin(reply, row.pk, owner)
    return Receipt(row.pk, position, revision, claim)


def _reply_get(conversation: UUID, position: int) -> Reply:
    reply = Reply.objects.filter(
        message__conversation=conversation, message__position=position
    ).first()
    if reply is None:
        raise UnknownReplyError
    return reply
