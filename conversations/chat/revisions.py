"""A conversation's row: locked, moved on by one revision with each change, or gone.

Revisions grow in the order of commits, because whoever changes a conversation locks it first.
"""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from conversations.chat import statements
from conversations.chat.rows import Locked
from conversations.errors import UnknownConversationError
from conversations.models import ReplyStatus
from conversations.models.conversation import OUTCOMES, WENT_WRONG


def outcome_note(conversation: Locked, position: int, status: ReplyStatus) -> None:
    """Remember in a locked conversation what became of a reply; nothing is written.

    Args:
        conversation: The reply's.
        position: Where the reply stands: the newest one gives the conversation its outcome.
        status: What the reply is now.
    """
    if position == conversation.message_count:
        conversation.outcome = OUTCOMES[status]
    conversation.failed_count += status in WENT_WRONG


def conversation_lock(conversation: UUID) -> Locked:
    """Return a conversation, locked until the transaction ends.

    Raises:
        UnknownConversationError: It was erased.
    """
    locked = statements.conversation_lock.first(conversation=conversation)
    if locked is None:
        raise UnknownConversationError
    return locked


def conversation_prove(conversation: UUID) -> None:
    """Make sure that a conversation is still there.

    Raises:
        UnknownConversationError: It was erased.
    """
    if statements.conversation_known.first(conversation=conversation) is None:
        raise UnknownConversationError


def revision_advance(conversation: Locked) -> int:
    """Move a locked conversation's revision on, with all that is known of it, and return it."""
    conversation.revision += 1
    statements.conversation_advance.run(
        conversation=conversation.pk,
        revision=conversation.revision,
        message_count=conversation.message_count,
        outcome=conversation.outcome,
        failed_count=conversation.failed_count,
        has_asked_for_human=conversation.has_asked_for_human,
        most_repeated=conversation.most_repeated,
        tokens=conversation.tokens,
        now=timezone.now(),
    )
    return conversation.revision
