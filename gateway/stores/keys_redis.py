"""What processes tell each other about resting keys, in Redis.

A rest is a value that lives as long as the rest; every process polls for them. The one probe of
a key is a value that one process sets, and takes back with the verdict. While Redis is away each
process decides for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis

from gateway.stores.breaker import AwayError, Breaker

# Ours already, or free: a process whose probe was cancelled may probe again. Not while the key
# rests: another's probe may have failed since this process last looked.
_CLAIM: Final = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_GIVE_BACK: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """A key rests for so long yet."""

    key_id: str
    seconds: float
    reason: str


class RedisKeys:
    """The engine's ``KeyStore`` for processes that share a Redis.

    Args:
        redis: A client of the running event loop that decodes what it reads.
        breaker: Decides whether Redis is asked at all.
        process: This process's name.
        prefix: Of every key.
    """

    def __init__(
        self, redis: Redis, breaker: Breaker, process: str, prefix: str = "{chatsite}:key"
    ) -> None:
        self._redis = redis
        self._breaker = breaker
        self._process = process
        self._prefix = prefix
        self._claim = redis.register_script(_CLAIM)
        self._give_back = redis.register_script(_GIVE_BACK)
        self._ending: set[asyncio.Task[None]] = set()
        # Probes that ended while Redis was away: others would wait until the claims lapse.
        self._owed: set[str] = set()

    async def probe_claim(self, key_id: str, seconds: float) -> bool:
        """Keep the promise of ``KeyStore``; while Redis is away every process may probe."""

        async def claim() -> Any:
            return await self._claim(
                keys=[f"{self._prefix}:probe:{key_id}", f"{self._prefix}:rest:{key_id}"],
                args=[self._process, _ms(seconds)],
            )

        self._owed.discard(key_id)  # from here on a claim of ours is the new probe's
        try:
            return bool(await self._breaker.ask(claim))
        except AwayError:
            return True

    async def rest_share(self, key_id: str, seconds: float, reason: str) -> None:
        """Keep the promise of ``KeyStore``."""

        async def share() -> Any:
            return await self._redis.set(f"{self._prefix}:rest:{key_id}", reason, px=_ms(seconds))

        with suppress(AwayError):
            await self._breaker.ask(share)

    def probe_end(self, key_id: str) -> None:
        """Keep the promise of ``KeyStore``; it happens in the background."""
        task = asyncio.get_running_loop().create_task(self._probe_end(key_id))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def rests(self, key_ids: Sequence[str]) -> list[Rest]:
        """Return which of these keys rest; none while Redis is away."""
        if not key_ids:
            return []

        async def look() -> list[Any]:
            pipeline = self._redis.pipeline(transaction=False)
            for key_id in key_ids:
                name = f"{self._prefix}:rest:{key_id}"
                pipeline.pttl(name)
                pipeline.get(name)
            return await pipeline.execute()

        try:
            found = await self._breaker.ask(look)
        except AwayError:
            return []
        for key_id in [*self._owed]:
            self.probe_end(key_id)
        rows = zip(key_ids, found[::2], found[1::2], strict=True)
        return [Rest(key_id, ms / 1000, reason) for key_id, ms, reason in rows if reason and ms > 0]

    async def aclose(self) -> None:
        """Wait until everything is given back."""
        await asyncio.gather(*self._ending)

    async def _probe_end(self, key_id: str) -> None:
        async def end() -> Any:
            return await self._give_back(
                keys=[f"{self._prefix}:probe:{key_id}"], args=[self._process]
            )

        self._owed.add(key_id)
        with suppress(AwayError):
            await self._breaker.ask(end)
            self._owed.discard(key_id)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
