"""What must be so after every call: nothing runs, nothing is held, nothing is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from gateway.engine.limits import MemoryLimits
from gateway.engine.pipeline import Gateway
from tests.gateway.engine.upstreams import Scripted

# The engine has no public way to count what it holds; its own tests may look inside.
# ruff: noqa: SLF001

SETTLE_ROUNDS = 300


async def nothing_is_left(gateway: Gateway, server: Scripted) -> None:
    """Check that, within a moment, all is given back: tasks, keys, leases and connections."""
    await settled(lambda: _held(gateway))
    idle = gateway._upstreams["here"]._wire.connector.idle_count
    await settled(lambda: {"connections": max(0, server.open_connections - idle)})


async def settled(count: Callable[[], dict[str, int]]) -> None:
    """Wait until all counts are zero, or fail with those that are not."""
    for _ in range(SETTLE_ROUNDS):
        if not any(count().values()):
            break
        await asyncio.sleep(0.01)
    assert not any(count().values()), count()


def _held(gateway: Gateway) -> dict[str, int]:
    upstream = gateway._upstreams["here"]
    connector = upstream._wire.connector
    limits = cast("MemoryLimits", gateway._door._limits)
    return {
        "tasks": sum("Pump" in repr(task.get_coro()) for task in asyncio.all_tasks()),
        "streams": upstream.streams,
        "keys": sum(key.streams for key in upstream.ring.health(0.0)),
        "connections": connector.open_count - connector.idle_count,
        "leases": sum(len(scope.leases) for scope in limits._scopes.values()),
    }
