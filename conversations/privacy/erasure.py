"""Erasing a conversation with everything that was said, thought and kept of it.

What is left is named in ``docs/privacy.md``: the ledger's calls, which hold no words.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from conversations.chat.revisions import conversation_lock
from conversations.chat.runs import Runs
from conversations.models import Conversation, Reply
from conversations.models.conversation import OPEN_STATUSES
from conversations.privacy.holds import erasure_prove
from conversations.privacy.traces import traces
from gateway.db import db


@dataclass(frozen=True, slots=True)
class Erased:
    """The replies that are gone from the database, by their ids."""

    replies: tuple[int, ...]
    open_replies: tuple[int, ...]


@transaction.atomic
def conversation_erase(*, conversation: UUID) -> Erased:
    """Erase a conversation with its messages, replies and ratings, all or nothing.

    A reply that runs cannot bring anything back: each of its writes asks for its row first.

    Raises:
        UnknownConversationError: It was erased before.
        HeldError: It is on hold.
    """
    conversation_lock(conversation)
    erasure_prove(conversation)
    replies = Reply.objects.filter(message__conversation=conversation)
    statuses = dict(replies.values_list("pk", "status"))
    Conversation.objects.filter(pk=conversation).delete()
    return Erased(
        replies=tuple(statuses),
        open_replies=tuple(pk for pk, status in statuses.items() if status in OPEN_STATUSES),
    )


async def conversation_forget(conversation: UUID, runs: Runs) -> None:
    """Erase a conversation everywhere: its rows, its words under way, its sockets' view of it.

    Raises:
        UnknownConversationError: It was erased before.
        HeldError: It is on hold.
    """
    erased = await db.write(conversation_erase, conversation=conversation)
    for reply in erased.open_replies:
        runs.stop(reply)
    for reply in erased.replies:
        runs.stream_log.erase(reply)
    runs.pokes.changed(conversation)
    traces.leave()
