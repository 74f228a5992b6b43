"""Limits shared by many processes: one atomic script on Redis, by Redis's own clock.

The twin of ``gateway.engine.limits.MemoryLimits``, rule by rule: all or nothing, a denial changes
no bucket, fractions count, a lease that nobody settles gives its place back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.engine.limits import FULL_RETRY_SECONDS, Charge, Denied, Lease, Outcome, Rate

# For each scope two keys (buckets, leases) and five numbers: requests per second and capacity,
# tokens per second and capacity, places. A capacity or a number of places below 0 is no limit.
_COMMON: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6

local function number(value) return string.format('%.17g', value) end

local function scope(i, first)
  local at = first + (i - 1) * 5
  local saved = redis.call('HMGET', KEYS[2 * i - 1], 'requests', 'tokens', 'at')
  local since = tonumber(saved[3]) or now
  local elapsed = math.max(0, now - since)
  local function bucket(value, rate, capacity)
    if capacity < 0 then return nil end
    local level = tonumber(value) or capacity
    return {rate = rate, capacity = capacity, level = math.min(capacity, level + elapsed * rate)}
  end
  return {
    key = KEYS[2 * i - 1],
    leases = KEYS[2 * i],
    at = math.max(now, since),
    exists = saved[3] and true or false,
    requests = bucket(saved[1], tonumber(ARGV[at]), tonumber(ARGV[at + 1])),
    tokens = bucket(saved[2], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])),
    places = tonumber(ARGV[at + 4]),
  }
end

local function save(s)
  redis.call('DEL', s.key)
  redis.call('HSET', s.key, 'at', number(s.at))
  local full = 1
  for _, name in ipairs({'requests', 'tokens'}) do
    local b = s[name]
    if b then
      redis.call('HSET', s.key, name, number(b.level))
      if b.rate > 0 then
        full = full and math.max(full, (b.capacity - b.level) / b.rate)
      elseif b.level < b.capacity then
        full = nil
      end
    end
  end
  -- A bucket that is full again is as good as none.
  if full then redis.call('PEXPIRE', s.key, math.ceil(full * 1000) + 1000) end
end
"""

_RESERVE: Final = (
    _COMMON
    + """
local cost, lease, seconds, full_retry = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]

local function wait(bucket, amount)
  if not bucket then return 0 end
  if amount > bucket.capacity then return math.huge end
  if bucket.level >= amount then return 0 end
  if bucket.rate <= 0 then return math.huge end
  return (amount - bucket.level) / bucket.rate + 1e-6
end

local scopes, worst, longest = {}, 0, 0
for i = 1, #KEYS / 2 do
  local s = scope(i, 5)
  local denied = math.max(wait(s.requests, 1), wait(s.tokens, cost))
  if s.places == 0 then
    denied = math.huge
  elseif s.places > 0
    and redis.call('ZCOUNT', s.leases, '(' .. number(now), '+inf') >= s.places
  then
    denied = math.max(denied, tonumber(full_retry))
  end
  if denied > longest then worst, longest = i, denied end
  scopes[i] = s
end
if worst > 0 then
  return {worst, longest == math.huge and 'never' or number(longest)}
end

for _, s in ipairs(scopes) do
  if s.requests then s.requests.level = s.requests.level - 1 end
  if s.tokens then s.tokens.level = s.tokens.level - cost end
  if s.requests or s.tokens then save(s) end
  if s.places >= 0 then
    redis.call('ZREMRANGEBYSCORE', s.leases, '-inf', number(now))
    redis.call('ZADD', s.leases, number(now + seconds), lease)
    redis.call('PEXPIRE', s.leases, math.ceil(seconds * 1000))
  end
end
return {0, ''}
"""
)

_SETTLE: Final = (
    _COMMON
    + """
local back, lease = tonumber(ARGV[1]), ARGV[2]
for i = 1, #KEYS / 2 do
  local s = scope(i, 3)
  redis.call('ZREM', s.leases, lease)
  if s.tokens and s.exists and back ~= 0 then
    s.tokens.level = math.min(s.tokens.capacity, s.tokens.level + back)
    save(s)
  elseif s.tokens and back < 0 then
    s.tokens.level = s.tokens.level + back
    save(s)
  end
end
return 0
"""
)


class RedisLimits:
    """Buckets in Redis.

    Args:
        redis: A client of the running event loop.
        prefix: Of every key; its braces keep them together on one node of a cluster.
    """

    def __init__(self, redis: Redis, prefix: str = "{limits}") -> None:
        self._prefix = prefix
        self._reserve = redis.register_script(_RESERVE)
        self._settle = redis.register_script(_SETTLE)
        self._settling: set[asyncio.Task[Any]] = set()

    async def reserve(
        self, charges: Sequence[Charge], tokens: float, lease_seconds: float
    ) -> Outcome:
        """Keep the promise of ``LimitStore``.

        Raises:
            RedisError: Redis is down.
        """
        lease = Lease(uuid4().hex, tuple(charges), tokens)
        arguments: list[str | float] = [
            tokens,
            lease.id,
            lease_seconds,
            FULL_RETRY_SECONDS,
            *_numbers(charges),
        ]
        try:
            worst, wait = await self._reserve(keys=self._keys(charges), args=arguments)
        except BaseException:
            # Whether it was granted nobody knows. Freeing a place that was not taken does no
            # harm; the tokens stay spent, for giving back what was not taken would.
            self.settle(lease, None)
            raise
        if not worst:
            return lease
        text = wait.decode() if isinstance(wait, bytes) else wait
        return Denied(charges[worst - 1].scope, None if text == "never" else float(text))

    def settle(self, lease: Lease, tokens: float | None) -> None:
        """Keep the promise of ``LimitStore``; it happens in the background."""
        back = 0.0 if tokens is None else lease.tokens - tokens
        arguments: list[str | float] = [back, lease.id, *_numbers(lease.charges)]
        task = asyncio.ensure_future(
            self._quietly(self._settle(keys=self._keys(lease.charges), args=arguments))
        )
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def aclose(self) -> None:
        """Wait until everything is settled."""
        await asyncio.gather(*self._settling)

    def _keys(self, charges: Sequence[Charge]) -> list[str]:
        names = (f"{self._prefix}:{charge.scope}" for charge in charges)
        return [key for name in names for key in (name, f"{name}:leases")]

    @staticmethod
    async def _quietly(settling: Any) -> None:
        """Settle, or leave it to the lease's own end: nobody is there to hear of it."""
        with suppress(RedisError, OSError):
            await settling


def _numbers(charges: Sequence[Charge]) -> list[float]:
    numbers: list[float] = []
    for charge in charges:
        limit = charge.limit
        places = -1 if limit.concurrency is None else limit.concurrency
        numbers += [*_shape(limit.requests), *_shape(limit.tokens), places]
    return numbers


def _shape(rate: Rate | None) -> tuple[float, float]:
    return (0.0, -1.0) if rate is None else (rate.per_second, rate.capacity)
