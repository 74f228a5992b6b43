"""Where a conversation begins, or goes on: its row, locked, for whoever it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from conversations.chat import statements
from conversations.chat.attributes import attributes_merge
from conversations.chat.rows import Locked
from conversations.errors import UnknownConversationError, UnknownWidgetError

if TYPE_CHECKING:  # it brings us every turn
    from conversations.chat.services import Visit

OPENING_CHARACTERS = 120


def conversation_of(visit: Visit, conversation: UUID) -> Locked:
    """Return somebody's conversation, locked until the transaction ends.

    Raises:
        UnknownConversationError: It is not theirs, or was erased.
    """
    known = {"conversation": conversation, "widget": visit.widget}
    row = (
        statements.conversation_lock_of_visitor.first(**known, visitor=visit.visitor)
        if visit.customer is None
        else statements.conversation_lock_of_customer.first(**known, customer=visit.customer)
    )
    if row is None:
        raise UnknownConversationError
    return row


def conversation_start(visit: Visit, conversation: UUID, text: str) -> Locked:
    """Begin a conversation, or find it begun, and return it locked.

    Args:
        visit: Who begins it, and where.
        conversation: Its id, made from the id of what it begins with.
        text: What the customer says first.

    Raises:
        UnknownConversationError: It was begun by somebody else.
        UnknownWidgetError: The widget can start no conversation now.
    """
    choice = statements.live_versions.first(widget=visit.widget)
    if choice is None:
        raise UnknownWidgetError
    version = choice.draw(conversation)
    is_new = statements.conversation_add.run(
        conversation=conversation,
        widget=visit.widget,
        visitor=visit.visitor,
        customer=visit.customer,
        version=version,
        locale=visit.locale,
        page=visit.page,
        attributes=attributes_merge({}, visit.attributes),
        opening=text[:OPENING_CHARACTERS],
        now=timezone.now(),
    )
    if is_new:  # nobody else sees it before we commit, which is as good as a lock
        return Locked(conversation, version)
    return conversation_of(visit, conversation)
