"""What staff write beside a conversation: a verdict on a reply, a note for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations.errors import UnknownReplyError
from conversations.models import Conversation, Note, Reply, Verdict
from conversations.staff_errors import EmptyNoteError

TAGS = 8
TAG_CHARACTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody thinks of a reply."""

    judgement: str
    reason: str = ""
    should_have_said: str = ""
    tags: Sequence[str] = ()


@transaction.atomic
def verdict_give(
    *, conversation: Conversation, position: int, opinion: Opinion, by: User
) -> Verdict:
    """Write down what somebody thinks of a reply, in place of what was thought before.

    Raises:
        UnknownReplyError: No finished reply stands at this position.
        ValidationError: A field is out of bounds.
    """
    reply = _reply_ended(conversation, position)
    verdict = Verdict(
        reply=reply,
        attempt=reply.attempt,
        judgement=opinion.judgement,
        reason=opinion.reason.strip(),
        should_have_said=opinion.should_have_said.strip(),
        tags=tags_tidy(opinion.tags),
        judged_by=by,
        judged_at=timezone.now(),
    )
    verdict.full_clean(validate_unique=False)
    Verdict.objects.filter(pk=reply.pk).delete()
    verdict.save(force_insert=True)
    return verdict


def verdict_withdraw(*, conversation: Conversation, position: int) -> None:
    """Take a verdict back; harmless if there is none."""
    Verdict.objects.filter(
        reply__message__conversation=conversation, reply__message__position=position
    ).delete()


def note_add(*, conversation: Conversation, text: str, by: User) -> Note:
    """Leave a note beside a conversation.

    Raises:
        EmptyNoteError: Nothing is left of the text.
        ValidationError: It is too long.
    """
    note = Note(conversation=conversation, text=text.strip(), author=by)
    if not note.text:
        raise EmptyNoteError
    note.full_clean()
    note.save()
    return note


def note_delete(*, note: int, conversation: Conversation, by: User) -> bool:
    """Delete somebody's own note, and return whether there was one."""
    found = Note.objects.filter(pk=note, conversation=conversation, author=by)
    return found.delete()[0] > 0


def tags_tidy(tags: Sequence[str]) -> list[str]:
    """Return tags in lower case, each once, blanks tamed, a handful at the most."""
    tidy = (" ".join(tag.split()).lower()[:TAG_CHARACTERS] for tag in tags)
    return list(dict.fromkeys(tag for tag in tidy if tag))[:TAGS]


def _reply_ended(conversation: Conversation, position: int) -> Reply:
    reply = Reply.objects.filter(
        message__conversation=conversation, message__position=position
    ).first()
    if reply is None or reply.is_open:
        raise UnknownReplyError
    return reply
