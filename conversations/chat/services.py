"""What customers can do: send, stop, try again. Plain functions for ``db.write()``."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction

from conversations.chat.leases import (
    Claim,
    conversation_lock,
    reply_assign,
    reply_request_stop,
    revision_advance,
)
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
        sent_before = _sent_before(row, client_id)
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
    reply = _reply_get(locked := conversation_lock(conversation), position)
    reply_request_stop(reply, locked)
    return reply.message_id


@transaction.atomic
def reply_retry(*, conversation: UUID, position: int) -> bool:
    """Queue another attempt at a reply that was interrupted or failed; False if it was not.

    Raises:
        UnknownReplyError: No reply stands at this position.
    """
    reply = _reply_get(locked := conversation_lock(conversation), position)
    if reply.status not in {ReplyStatus.INTERRUPTED, ReplyStatus.FAILED}:
        return False
    reply.status = ReplyStatus.QUEUED
    reply.recoveries = 0
    reply.save()
    Message.objects.filter(pk=reply.pk).update(revision=revision_advance(locked))
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
    version = (
        Widget.objects.filter(pk=visit.widget, is_active=True)
        .values_list("prompt_template__live", flat=True)
        .first()
    )
    if version is None:
        raise UnknownWidgetError
    row = Conversation(
        pk=conversation,
        widget_id=visit.widget,
        visitor=visit.visitor,
        prompt_version_id=version,
        locale=visit.locale,
        page_url=visit.page,
        opening=text[:OPENING_CHARACTERS],
    )
    Conversation.objects.bulk_create([row], ignore_conflicts=True)
    return _conversation_lock(visit, conversation)


def _sent_before(row: Conversation, client_id: UUID) -> Message | None:
    return row.messages.filter(client_id=client_id).first() if row.message_count else None


def _message_store(row: Conversation, client_id: UUID, text: str, owner: str) -> Receipt:
    position = row.message_count + 1
    has_open = row.message_count > 0 and (
        Reply.objects.filter(message__conversation=row, status__in=OPEN_STATUSES).exists()
    )
    revision = revision_advance(row, message_count=position + 1)
    question, answer = Message.objects.bulk_create(
        [
            Message(
                conversation=row,
                position=position,
                revision=revision,
                author=Author.CUSTOMER,
                client_id=client_id,
                text=text,
            ),
            Message(
                conversation=row,
                position=position + 1,
                revision=revision,
                author=Author.ASSISTANT,
            ),
        ]
    )
    reply = Reply(message=answer, question=question, prompt_version_id=row.prompt_version_id)
    claim = None if has_open or not owner else reply_assign(reply, row.pk, owner)
    reply.save(force_insert=True)
    return Receipt(row.pk, position, revision, claim)


def _reply_get(conversation: Conversation, position: int) -> Reply:
    reply = Reply.objects.filter(
        message__conversation=conversation, message__position=position
    ).first()
    if reply is None:
        raise UnknownReplyError
    return reply
