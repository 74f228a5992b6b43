"""Small, repeatable hints that a conversation has changed; what changed stands in the database."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

from channels.layers import get_channel_layer
from django.conf import settings

logger = logging.getLogger(__name__)

_watchers: dict[UUID, set[Callable[[], None]]] = defaultdict(set)


def conversation_watch(conversation: UUID, wake: Callable[[], None]) -> Callable[[], None]:
    """Call ``wake`` at each change of a conversation until the returned function is called."""
    _watchers[conversation].add(wake)

    def unwatch() -> None:
        _watchers[conversation].discard(wake)
        if not _watchers[conversation]:
            del _watchers[conversation]

    return unwatch


def conversation_group(conversation: UUID) -> str:
    """Return the channel layer's name for the sockets of a conversation."""
    return f"conversation.{conversation.hex}"


async def conversation_announce(conversation: UUID) -> None:
    """Wake everybody who watches a conversation, in this process and in the others.

    A hint that is lost costs a delay and never a word, so a layer that fails is only logged.
    """
    for wake in tuple(_watchers.get(conversation, ())):
        wake()
    if not settings.REDIS_URL:
        return
    try:
        await get_channel_layer().group_send(
            conversation_group(conversation), {"type": "conversation.changed"}
        )
    except Exception:
        logger.warning("the channel layer is out of reach", exc_info=True)
