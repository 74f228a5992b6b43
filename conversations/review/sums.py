"""What a report counts in conversations: one query, whatever is counted and however they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from conversations.models import Conversation

Key = tuple[int, int, str]

# An opinion's key is its reply's, and that is its message's. Each conversation is looked up once
# among those with opinions: asked for each kind of opinion by itself, it took twice as long.
_SQL = """
WITH chosen (id, widget, version, locale, messages, failed) AS ({chosen}),
opinion (message, helpful, unhelpful, good, faulted, stopped) AS (
    SELECT reply_id, CASE value WHEN 'up' THEN 1 END, CASE value WHEN 'down' THEN 1 END,
        NULL, NULL, CAST(NULL AS integer)
    FROM conversations_rating WHERE rated_at >= %s
    UNION ALL
    SELECT reply_id, NULL, NULL, CASE judgement WHEN 'good' THEN 1 END,
        CASE judgement WHEN 'good' THEN NULL ELSE 1 END, CAST(NULL AS integer)
    FROM conversations_verdict WHERE judged_at >= %s
    UNION ALL
    SELECT message_id, NULL, NULL, NULL, NULL, 1
    FROM conversations_reply WHERE status = 'stopped' AND (ended_at IS NULL OR ended_at >= %s)
),
held (conversation, helpful, unhelpful, good, faulted, stopped) AS (
    SELECT m.conversation_id, MAX(helpful), MAX(unhelpful), MAX(good), MAX(faulted), COUNT(stopped)
    FROM opinion JOIN conversations_message m ON m.id = opinion.message
    WHERE m.created_at >= %s
    GROUP BY m.conversation_id
)
SELECT widget, version, locale, COUNT(*), SUM((messages + 1) / 2),
    COUNT(helpful), COUNT(unhelpful), COUNT(good), COUNT(faulted),
    COUNT(NULLIF(failed, 0)), SUM(failed), COUNT(NULLIF(stopped, 0)), COALESCE(SUM(stopped), 0)
FROM chosen LEFT JOIN held ON held.conversation = chosen.id
GROUP BY widget, version, locale
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """Conversations of some kind, and what they hold; where not said, conversations are counted.

    Args:
        conversations: How many there are.
        turns: How many questions and answers they hold.
        helpful: In how many the customer rated an answer so.
        unhelpful: In how many otherwise.
        good: In how many staff judged an answer good.
        faulted: In how many otherwise.
        failed: In how many an answer failed or broke off.
        failed_replies: How many answers did.
        stopped: In how many the customer stopped an answer.
        stopped_replies: How many answers they stopped.
    """

    conversations: int = 0
    turns: int = 0
    helpful: int = 0
    unhelpful: int = 0
    good: int = 0
    faulted: int = 0
    failed: int = 0
    failed_replies: int = 0
    stopped: int = 0
    stopped_replies: int = 0

    def __add__(self, other: Sums) -> Sums:
        """Return both together."""
        return Sums(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

    @property
    def helpful_share(self) -> float | None:
        """Which share of the ratings' conversations has a thumb up; None without ratings."""
        return _share(self.helpful, self.unhelpful)

    @property
    def good_share(self) -> float | None:
        """Which share of the verdicts' conversations was judged good; None without verdicts."""
        return _share(self.good, self.faulted)


COUNTED = tuple(field.name for field in fields(Sums))


def sums_read(chosen: QuerySet[Conversation], since: datetime) -> Iterator[tuple[Key, Sums]]:
    """Yield the sums of each widget, version and locale: what is asked for is made of these.

    Args:
        chosen: Which conversations count.
        since: No message in these is older, nor what anybody thinks of it.
    """
    columns = ("pk", "widget", "prompt_version", "locale", "message_count", "failed_count")
    sql, params = chosen.values_list(*columns).query.get_compiler(connection=connection).as_sql()
    moment = connection.ops.adapt_datetimefield_value(since)
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(chosen=sql), [*params, *[moment] * 4])
        rows = cursor.fetchall()
    for widget, version, locale, *counts in rows:
        yield (widget, version, locale), Sums(*map(int, counts))  # PostgreSQL's sums are decimals


def _share(ups: int, downs: int) -> float | None:
    return ups / (ups + downs) if ups or downs else None
