"""Which conversations hold what somebody searches, and where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from conversations.finding.query import Query, as_fts5, as_needles, as_tsquery
from conversations.finding.snippets import Part, snippet
from conversations.models import Conversation, Message, MessageWords
from conversations.models.terms import FTS_MATCHES, TermsQuery

# From so many hits on, the newest conversations are asked one by one: they fill a page sooner.
FREQUENT = 4_000


@dataclass(frozen=True, slots=True)
class Hit:
    """Where in a conversation something was found first.

    Args:
        position: The message's.
        parts: Its words around the hit.
        count: How many messages of the conversation fit.
    """

    position: int
    parts: list[Part]
    count: int


def conversations_found(
    conversations: QuerySet[Conversation], query: Query
) -> QuerySet[Conversation]:
    """Narrow conversations down to those that hold every phrase of the query, somewhere."""
    if not query:
        return conversations.none()
    for phrase in query.phrases:
        conversations = conversations.filter(_holds(Query((phrase,))))
    return conversations


def hits_first(conversations: Collection[UUID], query: Query) -> dict[UUID, Hit]:
    """Return where some of the query stands first in each conversation, by two queries."""
    if not query:
        return {}
    rows = (
        MessageWords.objects.filter(conversation__in=conversations, terms__probed=_match(query))
        .values("conversation")
        .annotate(first=Min("message"), count=Count("message"))
        .values_list("first", "count")
    )
    counts = dict(rows)
    messages = Message.objects.filter(pk__in=counts).only("conversation", "position", "text")
    return {
        message.conversation_id: Hit(
            message.position, snippet(message.text, query), counts[message.pk]
        )
        for message in messages
    }


def _holds(query: Query) -> Q:
    words, match = MessageWords.objects.all(), _match(query)
    if connection.vendor == "sqlite" and not _is_frequent(match):
        return Q(pk__in=words.filter(terms__gathered=match).values("conversation"))
    # PostgreSQL knows how frequent its words are, and turns this round where it pays.
    return Q(Exists(words.filter(conversation=OuterRef("pk"), terms__probed=match)))


def _match(query: Query) -> TermsQuery:
    return TermsQuery(as_fts5(query), as_needles(query), as_tsquery(query))


def _is_frequent(match: TermsQuery) -> bool:
    count = f"SELECT count(*) FROM ({FTS_MATCHES} LIMIT %s)"  # noqa: S608 - of constants
    with connection.cursor() as cursor:
        cursor.execute(count, (match.fts5, FREQUENT))
        return cast("int", cursor.fetchone()[0]) == FREQUENT
