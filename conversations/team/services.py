"""Leaving a message for the team, and closing it. Plain functions for ``db.write()``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from conversations.chat.beginning import conversation_of, conversation_start
from conversations.chat.revisions import conversation_lock, revision_advance
from conversations.chat.rows import Locked
from conversations.chat.services import Visit
from conversations.chat.text import text_clean
from conversations.errors import (
    EmptyMessageError,
    InvalidAnswerAddressError,
    ManyOpenError,
    MessageConflictError,
    MessageTooLongError,
    NoWayToTeamError,
)
from conversations.identity.owner import Owner
from conversations.models import TeamMessage, Widget
from conversations.models.team import NAME_CHARACTERS, NOTE_CHARACTERS, TEXT_CHARACTERS
from conversations.review.access import HIDDEN, names_pattern

# Of one customer on one widget: more do not help anybody, and each one writes an e-mail.
MOST_OPEN = 3
EMAIL_CHARACTERS = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What somebody leaves.

    Args:
        id: Made by the browser; with the same text a repeat is harmless.
        name: How they would be called; "" if they do not say.
        email: Where the answer goes.
        text: What it is about.
    """

    id: UUID
    name: str
    email: str
    text: str


def is_mail_address(address: str) -> bool:
    """Return whether something is an e-mail address that a row can hold."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    # Django lets a lone surrogate pass, which no database takes, and control characters in quotes.
    return len(address) <= EMAIL_CHARACTERS and text_clean(address) == address


def letter_tidy(letter: Letter) -> Letter:
    """Return a letter as it is kept.

    Raises:
        EmptyMessageError: Nothing is left of the text.
        MessageTooLongError: The text or the name is too long.
        InvalidAnswerAddressError: The address is none.
    """
    name = " ".join(text_clean(letter.name).split())
    email, text = letter.email.strip(), text_clean(letter.text)
    if not text:
        raise EmptyMessageError
    if len(text) > TEXT_CHARACTERS or len(name) > NAME_CHARACTERS:
        raise MessageTooLongError
    if not is_mail_address(email):
        raise InvalidAnswerAddressError
    return Letter(id=letter.id, name=name, email=email, text=text)


@transaction.atomic
def team_message_leave(
    *, visit: Visit, conversation: UUID | None, letter: Letter, now: datetime
) -> UUID:
    """Keep a message for the team, with the e-mail that tells them, and return its conversation.

    Without a conversation one begins, without a turn; it takes its id from the message, so that
    a repeat finds it.

    Raises:
        EmptyMessageError: Nothing is left of the text.
        MessageTooLongError: The text or the name is too long.
        InvalidAnswerAddressError: The address is none.
        NoWayToTeamError: The widget never offers it.
        MessageConflictError: The id came before with other text.
        ManyOpenError: Enough of this customer's are open.
        UnknownConversationError: The conversation is not theirs.
        UnknownWidgetError: The widget can start no conversation now.
    """
    letter = letter_tidy(letter)
    # One after the other, so that many at once are counted, too; chats go on beside it.
    widgets = Widget.objects.select_for_update(no_key=True)
    widget = widgets.filter(pk=visit.widget).exclude(team_offers=[]).first()
    if widget is None:
        raise NoWayToTeamError
    row = (
        conversation_of(visit, conversation)
        if conversation
        else conversation_start(visit, uuid5(visit.id, str(letter.id)), _opening(letter))
    )
    if not _is_kept(row, letter):
        if _open_of(visit) >= MOST_OPEN:
            raise ManyOpenError
        _letter_keep(row, letter, now, mail_due_at=now if widget.team_recipients else None)
    return row.pk


@transaction.atomic
def team_message_close(
    *, message: int, conversation: UUID, note: str, by: User, now: datetime
) -> bool:
    """Close a message for the team; the e-mail that has not left is not sent any more.

    Args:
        message: Which.
        conversation: Its conversation.
        note: For colleagues, at most ``NOTE_CHARACTERS`` of it are kept.
        by: Who closes it.
        now: The time.

    Returns:
        Whether it was open.

    Raises:
        UnknownConversationError: The conversation was erased.
    """
    row = conversation_lock(conversation)
    is_ours = TeamMessage.objects.filter(
        pk=message, conversation=conversation, closed_at=None
    ).update(
        closed_at=now,
        closed_by=by,
        note=text_clean(note)[:NOTE_CHARACTERS],
        mail_due_at=None,
    )
    if is_ours:
        _advance(row)
    return is_ours > 0


def _is_kept(row: Locked, letter: Letter) -> bool:
    known = TeamMessage.objects.filter(conversation=row.pk, client_id=letter.id).first()
    if known and known.text != letter.text:
        raise MessageConflictError
    return known is not None


def _letter_keep(
    row: Locked, letter: Letter, now: datetime, *, mail_due_at: datetime | None
) -> None:
    TeamMessage.objects.create(
        conversation_id=row.pk,
        client_id=letter.id,
        name=letter.name,
        email=letter.email,
        text=letter.text,
        left_at=now,
        mail_due_at=mail_due_at,
    )
    _advance(row)


def _opening(letter: Letter) -> str:
    """Return by what a conversation is called: it is shown to who may not know whose it is."""
    names = names_pattern((letter.name, letter.email))
    return names.sub(HIDDEN, letter.text) if names else letter.text


def _open_of(owner: Owner) -> int:
    rows = TeamMessage.objects.filter(closed_at=None)
    return rows.filter(conversation__in=owner.conversations()).count()


def _advance(row: Locked) -> None:
    if row.message_count == 0:
        row.outcome = ""  # nothing was asked of the assistant
    revision_advance(row)
