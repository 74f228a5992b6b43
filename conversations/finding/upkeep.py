"""The index of words made anew, and swept of what was deleted."""

from __future__ import annotations

from collections import Counter
from typing import cast
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from conversations.finding.index import question_digest
from conversations.finding.signs import asks_for_human
from conversations.finding.words import terms_of
from conversations.models import (
    Author,
    Conversation,
    Message,
    MessageWords,
    Outcome,
    ReplyStatus,
)
from conversations.models.conversation import OUTCOMES, WENT_WRONG
from conversations.models.terms import FTS_TABLE

# Pages of the index that one step of sweeping rewrites: the chat waits for a step, not for all.
SWEEP_PAGES = 500
# What of a conversation is read off its messages.
SIGNS = ("outcome", "failed_count", "has_asked_for_human", "most_repeated", "tokens")


@transaction.atomic
def conversations_index(*, after: UUID | None, batch: int) -> list[UUID]:
    """Index a batch of conversations anew, all or none.

    Args:
        after: The last one of the batch before, to go through all conversations; None takes
            those that were never indexed.
        batch: How many.

    Returns:
        The conversations of the batch, in order; empty when there are no more.
    """
    rows = _unindexed() if after is None else Conversation.objects.filter(pk__gt=after)
    conversations = list(rows.select_for_update().order_by("pk")[:batch])
    for conversation in conversations:
        _index(conversation)
    Conversation.objects.bulk_update(conversations, SIGNS)
    return [conversation.pk for conversation in conversations]


def index_sweep() -> None:
    """Leave nothing of deleted messages in the index, for who has the database to themselves."""
    has_more = index_sweep_step(is_first=True)
    while has_more:
        has_more = index_sweep_step(is_first=False)


@transaction.atomic
def index_sweep_step(*, is_first: bool) -> bool:
    """Rewrite some of the index without what was deleted, and return whether there is more to do.

    PostgreSQL's autovacuum does so by itself, and so does SQLite from 3.42 on if it was told to.
    """
    if connection.vendor != "sqlite":
        return False
    pages = -SWEEP_PAGES if is_first else SWEEP_PAGES  # a negative number begins
    with connection.cursor() as cursor:
        before = _changes(cursor)
        into = f"INSERT INTO {FTS_TABLE}({FTS_TABLE}, rank)"
        cursor.execute(f"{into} VALUES ('merge', %s)", [pages])
        return _changes(cursor) - before > 1


def _unindexed() -> QuerySet[Conversation]:
    return Conversation.objects.filter(outcome="", message_count__gt=0)


def _index(conversation: Conversation) -> None:
    messages = list(conversation.messages.order_by("position").select_related("reply"))
    questions = [message for message in messages if message.author == Author.CUSTOMER]
    replies = [message.reply for message in messages if message.author == Author.ASSISTANT]
    words = [_words(message) for message in messages if not _is_open(message)]
    MessageWords.objects.filter(conversation=conversation).delete()
    MessageWords.objects.bulk_create([row for row in words if row.terms])
    digests = Counter(row.digest for row in words if row.digest is not None)
    conversation.outcome = OUTCOMES[ReplyStatus(replies[-1].status)] if replies else Outcome.OPEN
    conversation.failed_count = sum(reply.status in WENT_WRONG for reply in replies)
    conversation.has_asked_for_human = any(asks_for_human(said.text) for said in questions)
    conversation.most_repeated = max(digests.values(), default=min(1, len(questions)))
    conversation.tokens = sum(
        (reply.prompt_tokens or 0) + (reply.completion_tokens or 0) for reply in replies
    )


def _words(message: Message) -> MessageWords:
    terms = terms_of(message.text)
    is_question = message.author == Author.CUSTOMER
    return MessageWords(
        message=message,
        conversation_id=message.conversation_id,
        digest=question_digest(terms) if is_question else None,
        terms=terms,
    )


def _is_open(message: Message) -> bool:
    return message.author == Author.ASSISTANT and message.reply.is_open


def _changes(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT total_changes()")
    return cast("int", cursor.fetchone()[0])
