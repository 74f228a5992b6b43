"""Everything that the gateways of several processes share through Redis."""

from __future__ import annotations

from collections.abc import Callable

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.engine.limits import MemoryLimits
from gateway.stores.breaker import Breaker
from gateway.stores.cache_redis import RedisCache
from gateway.stores.keys_redis import RedisKeys
from gateway.stores.limits_fallback import FallbackLimits
from gateway.stores.limits_redis import RedisLimits

CONNECTIONS = 64
PATIENCE_SECONDS = 1.0  # in the background; a chat waits for a quarter of that
PREFIX = "{chatsite}"  # in braces: a cluster keeps all of it in one slot


class SharedStores:
    """Limits, key states and remembered answers in one Redis.

    Args:
        url: Where Redis is.
        process: This process's name.
        processes: How many processes share the limits when Redis is away.
        clock: Seconds that never run backwards.
        prefix: Of every key.
    """

    def __init__(
        self,
        url: str,
        *,
        process: str,
        processes: Callable[[], int],
        clock: Callable[[], float],
        prefix: str = PREFIX,
    ) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self._redis: Redis = Redis.from_pool(pool)
        breaker = Breaker(clock)
        self._shared_limits = RedisLimits(self._redis, f"{prefix}:limit")
        self.limits = FallbackLimits(
            self._shared_limits,
            MemoryLimits(clock),
            processes=processes,
            faults=(RedisError, OSError),
        )
        self.keys = RedisKeys(self._redis, breaker, process, f"{prefix}:key")
        self.cache = RedisCache(self._redis, breaker, f"{prefix}:answer")

    async def aclose(self) -> None:
        """Settle what is open, and hang up."""
        await self._shared_limits.aclose()
        await self.keys.aclose()
        await self._redis.aclose()
