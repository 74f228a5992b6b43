"""The database as the queue of replies: who works on which, until when, and how it ended.

All of these are plain functions for ``db.write()``. Each locks the conversation's row first,
so that revisions grow in the order of commits, and each write of a run is conditional on its
owner and attempt: a process that was frozen and wakes up changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from conversations.chat import statements
from conversations.chat.revisions import (
    conversation_lock,
    outcome_note,
    revision_advance,
)
from conversations.chat.rows import Locked
from conversations.finding.index import answer_index, message_forget
from conversations.models import Message, Reply, ReplyStatus
from conversations.models.conversation import OPEN_STATUSES

# A reply whose process died, or whose stream broke, is begun again once by itself.
MAX_RECOVERIES = 1


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one process to make one attempt at a reply."""

    reply: int
    conversation: UUID
    position: int
    owner: str
    attempt: int
    may_restart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt ended, and what is worth remembering of it.

    ``is_passing`` says that the same attempt may well succeed when it is made again.
    """

    status: ReplyStatus
    text: str
    error_code: str = ""
    is_passing: bool = False
    finish_reason: str = ""
    provider: str = ""
    model: str = ""
    key_label: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    first_token_ms: int | None = None
    total_ms: int | None = None
    sent_digest: str = ""
    offers_team: bool = False


# What of an ending stands in the reply's row under the same name.
ENDING_FIELDS = tuple(
    name for name in Ending.__dataclass_fields__ if name not in {"text", "is_passing"}
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an attempt has said by now."""

    claim: Claim
    text: str


@dataclass(slots=True)
class Orders:
    """What a checkpoint learned about the replies of this process, by their ids."""

    stop: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)


def lease_end() -> datetime:
    """Return until when a lease taken or renewed now holds."""
    return timezone.now() + timedelta(seconds=settings.REPLY_LEASE_SECONDS)


@transaction.atomic
def reply_claim_next(conversation: UUID, owner: str) -> tuple[Claim | None, bool]:
    """Claim the first open reply of a conversation, if there is one to be had.

    A reply whose lease has lapsed is taken over, once; after that it is interrupted.

    Returns:
        The claim or None, and whether sockets have something new to hear of.

    Raises:
        UnknownConversationError: It was erased.
    """
    return _claim_next(conversation_lock(conversation), owner)


def _claim_next(conversation: Locked, owner: str) -> tuple[Claim | None, bool]:
    has_news = False
    while reply := _first_open(conversation.pk):
        if reply.status == ReplyStatus.QUEUED:
            return reply_begin(reply, conversation, owner), True
        if reply.lease_until and reply.lease_until > timezone.now():
            return None, has_news
        if reply.stop_requested_at:
            _close(reply, conversation, ReplyStatus.STOPPED, "")
        elif reply.recoveries < MAX_RECOVERIES:
            reply.recoveries += 1
            return reply_begin(reply, conversation, owner), True
        else:
            status = ReplyStatus.INTERRUPTED if reply.message.text else ReplyStatus.FAILED
            _close(reply, conversation, status, "process_lost")
        has_news = True
    return None, has_news


def reply_begin(reply: Reply, conversation: Locked, owner: str) -> Claim:
    """Make ``owner`` the one who works on a reply; the caller has locked the conversation."""
    claim = reply_assign(reply, conversation.pk, reply.message.position, owner)
    reply.save()
    if reply.attempt > 1:
        message_forget(reply.pk)
    revision = revision_advance(conversation)
    Message.objects.filter(pk=reply.pk).update(text="", revision=revision)
    return claim


def reply_assign(reply: Reply, conversation: UUID, position: int, owner: str) -> Claim:
    """Fill in that ``owner`` makes the next attempt at a reply; nothing is written."""
    reply.attempt += 1
    reply.status = ReplyStatus.RUNNING
    reply.owner = owner
    reply.lease_until = lease_end()
    reply.started_at = timezone.now()
    reply.stop_requested_at = None
    reply.error_code = ""
    return Claim(
        reply=reply.pk,
        conversation=conversation,
        position=position,
        owner=owner,
        attempt=reply.attempt,
        may_restart=reply.recoveries < MAX_RECOVERIES,
    )


@transaction.atomic
def reply_restart(claim: Claim) -> Claim | None:
    """Begin a broken attempt again; None if somebody else owns the reply by now."""
    conversation = conversation_lock(claim.conversation)
    reply = _owned_rows(claim).first()
    if reply is None:
        return None
    reply.recoveries += 1
    return reply_begin(reply, conversation, claim.owner)


@transaction.atomic
def reply_end(claim: Claim, ending: Ending, *, goes_on: bool = False) -> tuple[bool, Claim | None]:
    """Write how an attempt ended.

    Args:
        claim: The attempt.
        ending: How it ended.
        goes_on: Claim the conversation's next reply in the same breath.

    Returns:
        Whether it was still ours, else nothing is written; and the claim that follows.

    Raises:
        UnknownConversationError: The conversation was erased meanwhile.
    """
    conversation = conversation_lock(claim.conversation)
    fields = {name: getattr(ending, name) for name in ENDING_FIELDS}
    is_ours = statements.reply_end.run(**_owner_of(claim), **fields, now=timezone.now())
    if not is_ours:
        return False, None
    outcome_note(conversation, claim.position, ending.status)
    conversation.tokens += (ending.prompt_tokens or 0) + (ending.completion_tokens or 0)
    revision = revision_advance(conversation)
    statements.message_say.run(reply=claim.reply, text=ending.text, revision=revision)
    answer_index(message=claim.reply, conversation=claim.conversation, text=ending.text)
    following, _ = _claim_next(conversation, claim.owner) if goes_on else (None, False)
    return True, following


@transaction.atomic
def reply_release(claim: Claim, text: str) -> None:
    """Give a running reply back, with what was said, for another process to begin again."""
    Message.objects.filter(
        pk=claim.reply, reply__owner=claim.owner, reply__attempt=claim.attempt
    ).update(text=text)
    _owned_rows(claim).update(lease_until=timezone.now())


@transaction.atomic
def replies_checkpoint(spoken: Collection[Spoken]) -> Orders:
    """Save what this process's replies have said, renew their leases, and hear of stops."""
    orders = Orders()
    until = lease_end()
    for now_said in spoken:
        claim = now_said.claim
        if statements.lease_renew.run(**_owner_of(claim), lease_until=until):
            statements.message_keep.run(reply=claim.reply, text=now_said.text)
        else:
            orders.lost.add(claim.reply)
    stopped = Reply.objects.filter(
        pk__in=[now_said.claim.reply for now_said in spoken], stop_requested_at__isnull=False
    )
    orders.stop.update(stopped.exclude(pk__in=orders.lost).values_list("pk", flat=True))
    return orders


def reply_request_stop(reply: Reply, conversation: Locked) -> None:
    """Ask for the end of an open reply; a queued one ends here and now.

    The caller holds the conversation's lock.
    """
    if reply.status == ReplyStatus.QUEUED:
        _close(reply, conversation, ReplyStatus.STOPPED, "")
    elif reply.status == ReplyStatus.RUNNING:
        Reply.objects.filter(pk=reply.pk).update(stop_requested_at=timezone.now())


def conversations_waiting() -> list[UUID]:
    """Return conversations whose open replies nobody works on: queued, or with a lapsed lease."""
    running = Reply.objects.filter(status=ReplyStatus.RUNNING, lease_until__gt=timezone.now())
    return list(
        Reply.objects.filter(status__in=OPEN_STATUSES)
        .exclude(pk__in=running.values("pk"))
        .exclude(message__conversation__in=running.values("message__conversation"))
        .values_list("message__conversation", flat=True)
        .distinct()[:200]
    )


def leases_of_others_end(owner: str) -> None:
    """Let all leases lapse but those of ``owner``."""
    running = Reply.objects.filter(status=ReplyStatus.RUNNING).exclude(owner=owner)
    running.update(lease_until=timezone.now())


def _first_open(conversation: UUID) -> Reply | None:
    pk = statements.reply_open_first.first(conversation=conversation)
    return None if pk is None else Reply.objects.select_related("message").get(pk=pk)


def _owner_of(claim: Claim) -> dict[str, int | str]:
    return {"reply": claim.reply, "owner": claim.owner, "attempt": claim.attempt}


def _owned_rows(claim: Claim) -> QuerySet[Reply]:
    return Reply.objects.filter(
        pk=claim.reply, owner=claim.owner, attempt=claim.attempt, status=ReplyStatus.RUNNING
    )


def _close(reply: Reply, conversation: Locked, status: ReplyStatus, error_code: str) -> None:
    reply.status = status
    reply.error_code = error_code
    reply.ended_at = timezone.now()
    reply.lease_until = None
    reply.save()
    outcome_note(conversation, reply.message.position, status)
    Message.objects.filter(pk=reply.pk).update(revision=revision_advance(conversation))
    message_forget(reply.pk)
    answer_index(message=reply.pk, conversation=conversation.pk, text=reply.message.text)
