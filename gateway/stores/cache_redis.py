"""Answers remembered in Redis, for every process; Redis bounds their size and age."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis

from gateway.engine.cache import Remembered
from gateway.engine.types import Finished, FinishReason, Target, Usage
from gateway.stores.breaker import AwayError, Breaker


class RedisCache:
    """The engine's ``CacheStore`` for processes that share a Redis.

    Args:
        redis: A client of the running event loop that decodes what it reads.
        breaker: Decides whether Redis is asked at all.
        prefix: Of every key.
    """

    def __init__(self, redis: Redis, breaker: Breaker, prefix: str = "{chatsite}:answer") -> None:
        self._redis = redis
        self._breaker = breaker
        self._prefix = prefix

    async def get(self, key: str) -> Remembered | None:
        """Keep the promise of ``CacheStore``."""

        async def look() -> Any:
            return await self._redis.get(f"{self._prefix}:{key}")

        try:
            found = await self._breaker.ask(look)
        except AwayError:
            return None
        return remembered_read(found) if found else None

    async def put(self, key: str, answer: Remembered, ttl_seconds: float) -> None:
        """Keep the promise of ``CacheStore``."""
        text = remembered_write(answer)

        async def keep() -> Any:
            return await self._redis.set(
                f"{self._prefix}:{key}", text, px=max(1, round(ttl_seconds * 1000))
            )

        with suppress(AwayError):
            await self._breaker.ask(keep)


def remembered_write(answer: Remembered) -> str:
    """Return an answer as text."""
    usage = answer.finished.usage
    return json.dumps(
        {
            "target": [answer.target.provider, answer.target.model],
            "texts": answer.texts,
            "reason": answer.finished.reason,
            "usage": [usage.prompt_tokens, usage.completion_tokens] if usage else None,
        },
        separators=(",", ":"),
    )


def remembered_read(text: str) -> Remembered | None:
    """Return the answer of a text, or None if another version of us wrote it otherwise."""
    try:
        fields = json.loads(text)
        usage = Usage(*fields["usage"]) if fields["usage"] else None
        finished = Finished(FinishReason(fields["reason"]), usage)
        return Remembered(Target(*fields["target"]), tuple(fields["texts"]), finished)
    except (ValueError, KeyError, TypeError):
        return None
