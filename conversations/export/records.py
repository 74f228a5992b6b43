"""Conversations read some at a time, whatever their number: never counted, never all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from conversations.models import Conversation, Message, Note, TeamMessage
from gateway.selectors import ConversationCost, costs_of_conversations

# A batch is as many conversations as have about so many messages together: a database thread is
# back for others in a fraction of a second, and memory holds one batch.
BATCH_MESSAGES = 500
BATCH_CONVERSATIONS = 100

Record = dict[str, Any]

# What an export calls a message's fields, and where they are found.
MESSAGE_FIELDS = {
    "position": "position",
    "sent": "created_at",
    "author": "author",
    "text": "text",
    "status": "reply__status",
    "rating": "reply__rating__value",
    "rating_reason": "reply__rating__reason",
    "rating_comment": "reply__rating__comment",
    "answer_prompt": "reply__prompt_version__template__name",
    "answer_prompt_version": "reply__prompt_version__number",
    "provider": "reply__provider",
    "model": "reply__model",
    "attempts": "reply__attempt",
    "prompt_tokens": "reply__prompt_tokens",
    "completion_tokens": "reply__completion_tokens",
    "first_token_ms": "reply__first_token_ms",
    "total_ms": "reply__total_ms",
    "finish_reason": "reply__finish_reason",
    "error": "reply__error_code",
}
VERDICT_FIELDS = {
    "verdict": "reply__verdict__judgement",
    "verdict_reason": "reply__verdict__reason",
    "should_have_said": "reply__verdict__should_have_said",
    "verdict_tags": "reply__verdict__tags",
    "judged_by": "reply__verdict__judged_by__username",
    "judged_at": "reply__verdict__judged_at",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What of conversations is wanted.

    Args:
        has_notes: With what staff wrote: notes and verdicts.
        has_identity: With who the customers are: names, addresses, what the website says of them.
    """

    has_notes: bool
    has_identity: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation in the order of an export, the newest first; the next batch begins behind."""

    created_at: datetime
    pk: UUID


@dataclass(frozen=True, slots=True)
class Batch:
    """Some conversations, and where the next ones begin; None behind the last."""

    records: list[Record]
    last: Place | None


def batch_read(chosen: QuerySet[Conversation], after: Place | None, contents: Contents) -> Batch:
    """Return the conversations that follow a place, by a number of queries that never grows.

    A plain function for ``db()``. The order is by when they began, which never changes: whatever
    customers write meanwhile, none is left out and none comes twice.

    Args:
        chosen: What is exported; its own order does not matter.
        after: The place of the last one of the batch before; None begins.
        contents: What is wanted of each.
    """
    rows = chosen.order_by("-created_at", "-pk")
    if after:
        rows = rows.filter(
            Q(created_at__lt=after.created_at) | Q(pk__lt=after.pk),
            created_at__lte=after.created_at,
        )
    found = list(rows.values_list("pk", "created_at", "message_count")[:BATCH_CONVERSATIONS])
    taken = _fitting([count for _pk, _created, count in found])
    keys = [pk for pk, _created, _count in found[:taken]]
    if not keys:
        return Batch([], None)
    return Batch(_records(keys, contents), Place(found[taken - 1][1], keys[-1]))


def _fitting(counts: Sequence[int]) -> int:
    """Return how many of the first conversations make a batch: one at least, if there is one."""
    messages = 0
    for number, count in enumerate(counts):
        messages += count
        if messages > BATCH_MESSAGES:
            return max(1, number)
    return len(counts)


def _records(keys: Sequence[UUID], contents: Contents) -> list[Record]:
    said: dict[UUID, list[Record]] = defaultdict(list)
    fields = MESSAGE_FIELDS | (VERDICT_FIELDS if contents.has_notes else {})
    messages = Message.objects.filter(conversation__in=keys).order_by("conversation", "position")
    for conversation, *values in messages.values_list("conversation", *fields.values()):
        said[conversation].append(dict(zip(fields, values, strict=True)))
    notes: dict[UUID, list[Record]] = defaultdict(list)
    if contents.has_notes:
        for note in Note.objects.filter(conversation__in=keys).select_related("author"):
            notes[note.conversation_id].append(_note(note))
    left: dict[UUID, list[Record]] = defaultdict(list)
    for message in TeamMessage.objects.filter(conversation__in=keys).select_related("closed_by"):
        left[message.conversation_id].append(_left(message, contents))
    costs = costs_of_conversations([str(key) for key in keys])
    rows = Conversation.objects.select_related("widget", "prompt_version__template", "customer")
    found = rows.in_bulk(keys)
    return [
        {
            **_conversation(found[key], costs.get(str(key), ())),
            **(_identity(found[key]) if contents.has_identity else {}),
            "messages": said[key],
            "left_for_team": left[key],
            **({"notes": notes[key]} if contents.has_notes else {}),
        }
        for key in keys
        if key in found  # erased in this very moment
    ]


def _conversation(row: Conversation, costs: Iterable[ConversationCost]) -> Record:
    return {
        "conversation": row.pk,
        "widget": row.widget.name,
        "started": row.created_at,
        "last_activity": row.active_at,
        "outcome": row.outcome,
        "language": row.locale,
        "prompt": row.prompt_version.template.name,
        "prompt_version": row.prompt_version.number,
        "is_verified": row.customer_id is not None,
        "has_asked_for_human": row.has_asked_for_human,
        "failed_replies": row.failed_count,
        "tokens": row.tokens,
        "costs": [
            {"amount": cost.cost, "currency": cost.currency, "has_unknown": cost.has_unknown}
            for cost in costs
        ],
    }


def _identity(row: Conversation) -> Record:
    customer = row.customer
    return {
        "visitor": row.visitor,
        "page": row.page_url,
        "website_says": row.attributes,
        "customer_id": customer.external_id if customer else "",
        "customer_name": customer.name if customer else "",
        "customer_email": customer.email if customer else "",
    }


def _left(message: TeamMessage, contents: Contents) -> Record:
    """Return what was left for the team; its words name who wrote them, so they go with that."""
    record: Record = {"left": message.left_at, "closed": message.closed_at}
    if contents.has_identity:
        record |= {"name": message.name, "email": message.email, "text": message.text}
    if contents.has_notes:
        closed_by = message.closed_by.get_username() if message.closed_by else ""
        record |= {"closed_by": closed_by, "note": message.note}
    return record


def _note(note: Note) -> Record:
    author = note.author.get_username() if note.author else ""
    return {"at": note.created_at, "author": author, "text": note.text}
