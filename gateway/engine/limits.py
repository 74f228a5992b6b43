"""Our own limits: token buckets and concurrency over a path of scopes, all or nothing.

A bucket holds up to ``capacity`` and refills at ``per_second``. A reservation takes what a call may
cost from every bucket on its path (key, provider, model, widget, customer, address), or from none:
a denial changes nothing. Afterwards the real cost settles the difference. A lease that nobody
settles gives its concurrency back when it runs out; its tokens stay spent, for they may well have
been.

The memory store below is the reference; its twin for many processes is one Lua script in
``gateway/stores/limits_redis.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol, TypeAlias

# Added to times at which a bucket will do, so that rounding never makes a caller come too early.
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket's shape.

    Args:
        per_second: What flows in.
        capacity: What it holds at most, and at the beginning.
    """

    per_second: float
    capacity: float

    @classmethod
    def per_minute(cls, amount: float, burst: float | None = None) -> Rate:
        """Return the rate that allows so much a minute, and so much (or all of it) at once."""
        return cls(amount / 60.0, amount if burst is None else burst)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one scope is allowed; None is no limit."""

    requests: Rate | None = None
    tokens: Rate | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """One scope on a call's path, as ``kind:name``, and what it is allowed."""

    scope: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class Lease:
    """What a call has reserved.

    Args:
        id: Unique over all processes that share the store.
        tokens: What was reserved in each bucket of tokens.
    """

    id: str
    charges: tuple[Charge, ...]
    tokens: float


@dataclass(frozen=True, slots=True)
class Denied:
    """Nothing was reserved.

    Args:
        scope: The scope that will take longest to allow it.
        retry_after: Seconds, or None: never, the call is larger than the bucket.
    """

    scope: str
    retry_after: float | None


Outcome: TypeAlias = Lease | Denied

# How soon to ask again when a scope is full of running calls: one of them may end at any time.
FULL_RETRY_SECONDS = 0.25


class LimitStore(Protocol):
    """Where buckets live."""

    async def reserve(
        self, charges: Sequence[Charge], tokens: float, lease_seconds: float
    ) -> Outcome:
        """Take one request, ``tokens`` and one place from every scope, or nothing from any."""
        ...

    def settle(self, lease: Lease, tokens: float | None) -> None:
        """End a lease, with the tokens the call cost in the end; None: as many as reserved.

        It returns at once, so that no cancelled caller can leave a lease behind.
        """
        ...


@dataclass(slots=True)
class _Bucket:
    rate: Rate
    level: float
    at: float

    def refill(self, rate: Rate, now: float) -> float:
        elapsed = max(0.0, now - self.at)
        self.rate = rate
        self.level = min(rate.capacity, self.level + elapsed * rate.per_second)
        self.at = max(self.at, now)
        return self.level

    def is_full(self, now: float) -> bool:
        return self.refill(self.rate, now) >= self.rate.capacity


@dataclass(slots=True)
class _Scope:
    requests: _Bucket | None = None
    tokens: _Bucket | None = None
    leases: dict[str, float] = field(default_factory=dict)

    def is_fresh(self, now: float) -> bool:
        """Tell whether forgetting this scope changes nothing."""
        buckets = (self.requests, self.tokens)
        is_idle = not any(until > now for until in self.leases.values())
        return is_idle and all(bucket is None or bucket.is_full(now) for bucket in buckets)


class MemoryLimits:
    """Buckets in this process's memory.

    Args:
        clock: Seconds that never run backwards.
        min_sweep: Fewer scopes than this are not worth sweeping.
    """

    def __init__(self, clock: Callable[[], float], min_sweep: int = 10_000) -> None:
        self._clock = clock
        self._scopes: dict[str, _Scope] = {}
        self._ids = count()
        self._min_sweep = self._sweep_at = min_sweep

    async def reserve(
        self, charges: Sequence[Charge], tokens: float, lease_seconds: float
    ) -> Outcome:
        """Keep the promise of ``LimitStore``."""
        now = self._clock()
        if len(self._scopes) >= self._sweep_at:
            self._sweep(now)
        worst: Denied | None = None
        for charge in charges:
            denied = self._denial(charge, tokens, now)
            if denied is not None and (worst is None or _is_longer(denied, worst)):
                worst = denied
        if worst is not None:
            return worst
        lease = Lease(str(next(self._ids)), tuple(charges), tokens)
        for charge in charges:
            scope = self._scopes[charge.scope]
            if scope.requests is not None:
                scope.requests.level -= 1
            if scope.tokens is not None:
                scope.tokens.level -= tokens
            if charge.limit.concurrency is not None:
                scope.leases[lease.id] = now + lease_seconds
        return lease

    def settle(self, lease: Lease, tokens: float | None) -> None:
        """Keep the promise of ``LimitStore``."""
        for charge in lease.charges:
            scope = self._scopes.get(charge.scope)
            if scope is None:
                continue
            scope.leases.pop(lease.id, None)
            rate = charge.limit.tokens
            if tokens is not None and rate is not None and scope.tokens is not None:
                level = scope.tokens.refill(rate, self._clock())
                scope.tokens.level = min(rate.capacity, level + lease.tokens - tokens)

    def _denial(self, charge: Charge, tokens: float, now: float) -> Denied | None:
        scope = self._scopes.setdefault(charge.scope, _Scope())
        limit = charge.limit
        waits = []
        if limit.requests is not None:
            scope.requests = scope.requests or _Bucket(limit.requests, limit.requests.capacity, now)
            waits.append(_wait(scope.requests, limit.requests, 1.0, now))
        else:
            scope.requests = None
        if limit.tokens is not None:
            scope.tokens = scope.tokens or _Bucket(limit.tokens, limit.tokens.capacity, now)
            waits.append(_wait(scope.tokens, limit.tokens, tokens, now))
        else:
            scope.tokens = None
        if limit.concurrency is not None:
            waits.append(_place(scope, limit.concurrency, now))
        if None in waits:
            return Denied(charge.scope, None)
        wait = max((each for each in waits if each is not None), default=0.0)
        return Denied(charge.scope, wait) if wait > 0 else None

    def _sweep(self, now: float) -> None:
        """Drop the scopes that are as good as new, so that memory follows the traffic."""
        for name in [name for name, scope in self._scopes.items() if scope.is_fresh(now)]:
            del self._scopes[name]
        self._sweep_at = max(self._min_sweep, 2 * len(self._scopes))


def _wait(bucket: _Bucket, rate: Rate, amount: float, now: float) -> float | None:
    """Return how long until the bucket holds an amount; None if it never will."""
    if amount > rate.capacity:
        return None
    missing = amount - bucket.refill(rate, now)
    if missing <= 0:
        return 0.0
    return missing / rate.per_second + _EPSILON if rate.per_second > 0 else None


def _place(scope: _Scope, places: int, now: float) -> float | None:
    """Return how long until a place may be free; None if there is none at all."""
    for lease, until in list(scope.leases.items()):
        if until <= now:
            del scope.leases[lease]
    if places <= 0:
        return None
    return 0.0 if len(scope.leases) < places else FULL_RETRY_SECONDS


def _is_longer(one: Denied, other: Denied) -> bool:
    if other.retry_after is None:
        return False
    return one.retry_after is None or one.retry_after > other.retry_after
