"""Limits when the shared store is down or slow: each process limits to its share, and chat goes on.

A store that does not answer within a quarter of a second is not asked again for a while; then one
call tries it, the others do not wait for what that finds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.engine.limits import Charge, Lease, Limit, LimitStore, Outcome, Rate


class FallbackLimits:
    """Limits in a shared store, or in this process's share while that is away.

    Args:
        shared: Where limits are kept for all processes.
        own: Where this process keeps its share meanwhile.
        processes: How many share the limits.
        faults: What the shared store raises when it is down.
        timeout_seconds: How long a chat waits for it.
        rest_seconds: How long it is not asked after that.
    """

    def __init__(
        self,
        shared: LimitStore,
        own: LimitStore,
        *,
        processes: Callable[[], int],
        faults: tuple[type[Exception], ...],
        timeout_seconds: float = 0.25,
        rest_seconds: float = 5.0,
    ) -> None:
        self._shared = shared
        self._own = own
        self._processes = processes
        self._faults: tuple[type[Exception], ...] = (*faults, TimeoutError)
        self._timeout_seconds = timeout_seconds
        self._rest_seconds = rest_seconds
        self._ask_again_at = 0.0
        self._own_leases: set[str] = set()

    async def reserve(
        self, charges: Sequence[Charge], tokens: float, lease_seconds: float
    ) -> Outcome:
        """Keep the promise of ``LimitStore``."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._ask_again_at:
            # If this fails nobody else asks meanwhile; if it succeeds everybody does again.
            if self._ask_again_at:
                self._ask_again_at = loop.time() + self._rest_seconds
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    outcome = await self._shared.reserve(charges, tokens, lease_seconds)
            except self._faults:
                self._ask_again_at = loop.time() + self._rest_seconds
            else:
                self._ask_again_at = 0.0
                return outcome
        return await self._reserve_own(charges, tokens, lease_seconds)

    def settle(self, lease: Lease, tokens: float | None) -> None:
        """Keep the promise of ``LimitStore``."""
        if lease.id in self._own_leases:
            self._own_leases.discard(lease.id)
            self._own.settle(lease, tokens)
        else:
            self._shared.settle(lease, tokens)

    async def _reserve_own(
        self, charges: Sequence[Charge], tokens: float, lease_seconds: float
    ) -> Outcome:
        count = max(1, self._processes())
        shares = [replace(charge, limit=_share(charge.limit, count, tokens)) for charge in charges]
        outcome = await self._own.reserve(shares, tokens, lease_seconds)
        if isinstance(outcome, Lease):
            self._own_leases.add(outcome.id)
        return outcome


def _share(limit: Limit, processes: int, tokens: float) -> Limit:
    """Return one process's part of a limit; whatever the whole allows, a single call may do."""
    return Limit(
        requests=_part(limit.requests, processes, 1.0),
        tokens=_part(limit.tokens, processes, tokens),
        concurrency=limit.concurrency and max(1, limit.concurrency // processes),
    )


def _part(rate: Rate | None, processes: int, single: float) -> Rate | None:
    if rate is None:
        return None
    capacity = max(rate.capacity / processes, min(rate.capacity, single))
    return Rate(rate.per_second / processes, capacity)
