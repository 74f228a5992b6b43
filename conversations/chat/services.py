"""What customers can do: send, stop, try again, rate. Plain functions for ``db.write()``."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversations.chat import statements
from conversations.chat.attributes import Attributes, attributes_merge
from conversations.chat.beginning import conversation_of, conversation_start
from conversations.chat.leases import (
    Claim,
    reply_assign,
    reply_request_stop,
)
from conversations.chat.revisions import (
    conversation_lock,
    outcome_note,
    revision_advance,
)
from conversations.chat.rows import Locked
from conversations.chat.text import text_clean
from conversations.chat.turns import turn_take
from conversations.errors import (
    EmptyMessageError,
    MessageConflictError,
    MessageKeptElsewhereError,
    MessageTooLongError,
    UnknownReplyError,
)
from conversations.finding.index import question_index
from conversations.finding.signs import asks_for_human
from conversations.identity.owner import Owner
from conversations.models import (
    Conversation,
    Message,
    Outcome,
    Rating,
    RatingReason,
    RatingValue,
    Reply,
    ReplyStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Owner):
    """An owner of conversations, with what their browser says of itself."""

    locale: str = ""
    page: str = ""
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a customer thinks of an answer; only a thumb down has a reason or a comment."""

    value: RatingValue
    reason: RatingReason | None = None
    comment: str = ""


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
        MessageKeptElsewhereError: It was stored before somebody signed in or out.
        UnknownConversationError: The conversation is not theirs.
        UnknownWidgetError: The widget can start no conversation now.
    """
    text = _text_tidy(text)
    with transaction.atomic():
        row = (
            conversation_of(visit, conversation)
            if conversation
            else conversation_start(visit, uuid5(visit.id, str(client_id)), text)
        )
        sent_before = row.message_count and statements.message_sent_before.first(
            conversation=row.pk, client_id=client_id
        )
        if sent_before:
            return _receipt_again(row.pk, text, *sent_before)
        _elsewhere_check(visit, client_id)
        return _message_store(row, client_id, text, owner)


def _receipt_again(
    conversation: UUID, text: str, position: int, revision: int, sent_text: str
) -> Receipt:
    if sent_text != text:
        raise MessageConflictError
    return Receipt(conversation, position, revision, None)


def _text_tidy(typed: str) -> str:
    text = text_clean(typed)
    if not text:
        raise EmptyMessageError
    if len(text) > settings.MESSAGE_MAX_CHARACTERS:
        raise MessageTooLongError
    return text


def _elsewhere_check(visit: Visit, client_id: UUID) -> None:
    """Make sure that a message whose receipt got lost as somebody signed in is not stored twice.

    Its two histories have no row in common: what arrives in both at once must take turns.

    Raises:
        MessageKeptElsewhereError: This browser has it in another history.
    """
    turn_take(client_id)
    known = {"client_id": client_id, "widget": visit.widget, "visitor": visit.visitor}
    if statements.message_kept_elsewhere.first(**known):
        raise MessageKeptElsewhereError


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
    Rating.objects.filter(reply=reply).delete()  # it was about words that go now
    locked.failed_count -= min(1, locked.failed_count)
    outcome_note(locked, position, ReplyStatus.QUEUED)
    Message.objects.filter(pk=reply.pk).update(revision=revision_advance(locked))
    return True


@transaction.atomic
def conversation_note(*, conversation: UUID, attributes: Attributes) -> None:
    """Keep what the embedding page says of a conversation, with what it said before.

    Raises:
        UnknownConversationError: It was erased.
    """
    conversation_lock(conversation)
    row = Conversation.objects.filter(pk=conversation)
    known = row.values_list("attributes", flat=True).get()
    row.update(attributes=attributes_merge(known, attributes))


@transaction.atomic
def reply_rate(*, conversation: UUID, position: int, opinion: Opinion | None) -> bool:
    """Keep what the customer thinks of an answer, or with None nothing any more.

    Returns:
        Whether anything changed. What is still being said, or never was, cannot be rated.

    Raises:
        UnknownReplyError: No reply stands at this position.
    """
    reply = _reply_get(locked := conversation_lock(conversation), position)
    if reply.is_open or reply.status == ReplyStatus.FAILED:
        return False
    if opinion is None:
        has_news = bool(Rating.objects.filter(reply=reply).delete()[0])
    else:
        has_news = _opinion_keep(reply, opinion)
    if has_news:
        Message.objects.filter(pk=reply.pk).update(revision=revision_advance(locked))
    return has_news


def _opinion_keep(reply: Reply, opinion: Opinion) -> bool:
    is_down = opinion.value == RatingValue.DOWN
    fields = {
        "value": opinion.value,
        "reason": (opinion.reason or "") if is_down else "",
        "comment": opinion.comment if is_down else "",
    }
    if Rating.objects.filter(reply=reply, **fields).exists():
        return False
    Rating.objects.update_or_create(reply=reply, defaults={**fields, "rated_at": timezone.now()})
    return True


def _message_store(row: Locked, client_id: UUID, text: str, owner: str) -> Receipt:
    position = row.message_count + 1
    has_open = row.message_count > 0 and statements.reply_open_first.rows(conversation=row.pk)
    question, answer = statements.messages_add.keys(
        conversation=row.pk,
        position=position,
        answer_position=position + 1,
        revision=row.revision + 1,
        client_id=client_id,
        text=text,
        now=timezone.now(),
    )
    times = question_index(
        message=question, conversation=row.pk, text=text, is_repeatable=row.message_count > 0
    )
    row.message_count += 2
    row.outcome = Outcome.OPEN
    row.most_repeated = max(times, row.most_repeated)
    row.has_asked_for_human |= asks_for_human(text)
    revision = revision_advance(row)
    reply = Reply(message_id=answer, question_id=question, prompt_version_id=row.prompt_version)
    claim = None if has_open or not owner else reply_assign(reply, row.pk, position + 1, owner)
    statements.reply_add.run(
        reply=answer,
        question=question,
        version=row.prompt_version,
        status=reply.status,
        attempt=reply.attempt,
        owner=reply.owner,
        lease_until=reply.lease_until,
        started_at=reply.started_at,
    )
    return Receipt(row.pk, position, revision, claim)


def _reply_get(conversation: Locked, position: int) -> Reply:
    reply = (
        Reply.objects.filter(message__conversation=conversation.pk, message__position=position)
        .select_related("message")
        .first()
    )
    if reply is None:
        raise UnknownReplyError
    return reply
