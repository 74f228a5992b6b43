"""What no hint has told: one question to the database, twice a second, for all sockets.

Only a site of several processes needs it. It makes a lost hint cost half a second, and lets
words come from the database's checkpoints while Redis is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from conversations.chat.speech import words_of
from conversations.chat.streamlog import Delta
from conversations.models import Conversation, Reply, ReplyStatus

logger = logging.getLogger(__name__)

PATROL_SECONDS = 0.5
ERASED = -1


@dataclass(frozen=True, slots=True)
class Sight:
    """What the database says.

    Args:
        revisions: Of the conversations that are watched; that of an erased one is -1.
        words: Of replies that others make: id and words so far.
        stops: Replies of ours that somebody wants to end.
    """

    revisions: dict[UUID, int]
    words: list[tuple[int, Delta]]
    stops: list[int]


def patrol_look(watched: Collection[UUID], deaf: Collection[int], owner: str) -> Sight:
    """Return what there is to know. A plain function for ``db()``.

    Args:
        watched: Conversations with sockets in this process.
        deaf: Replies of other processes whose words come no other way.
        owner: This process.
    """
    running = Reply.objects.filter(status=ReplyStatus.RUNNING)
    revisions = Conversation.objects.filter(pk__in=watched).values_list("pk", "revision")
    said = running.filter(pk__in=deaf).values_list("pk", "attempt", "message__text")
    stops = running.filter(owner=owner, stop_requested_at__isnull=False)
    return Sight(
        revisions={**dict.fromkeys(watched, ERASED), **dict(revisions)} if watched else {},
        words=[(reply, words_of(attempt, text)) for reply, attempt, text in said] if deaf else [],
        stops=list(stops.values_list("pk", flat=True)),
    )


class Patrol:
    """Looks, and tells whom it concerns.

    Args:
        look: Asks the database.
        on_change: Called with a conversation whose revision has moved.
        on_words: Called with a reply and what it has said so far.
        on_stop: Called with a reply of ours that shall end.
        sleep: How to wait.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[Sight]],
        *,
        on_change: Callable[[UUID], None],
        on_words: Callable[[int, Delta], object],
        on_stop: Callable[[int], object],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._look = look
        self._on_change = on_change
        self._on_words = on_words
        self._on_stop = on_stop
        self._sleep = sleep
        self._revisions: dict[UUID, int] = {}

    async def run(self) -> None:
        """Walk until cancelled."""
        is_failing = False
        while True:
            await self._sleep(PATROL_SECONDS)
            try:
                await self.walk()
                is_failing = False
            except Exception:
                if not is_failing:
                    logger.warning("The database does not say what is new", exc_info=True)
                is_failing = True

    async def walk(self) -> None:
        """Look once.

        Raises:
            DatabaseError: The database does not answer.
        """
        sight = await self._look()
        for conversation, revision in sight.revisions.items():
            # One that is watched since the last look may have moved before its watch began.
            if self._revisions.get(conversation) != revision:
                self._on_change(conversation)
        self._revisions = sight.revisions
        for reply, words in sight.words:
            self._on_words(reply, words)
        for reply in sight.stops:
            self._on_stop(reply)
