"""The composition root: one gateway for each event loop, built from the database.

It is built when it is first asked for and follows the database from then on: a poll compares
the configuration with the last one and, if it differs, hands it to the running gateway, whose
streams go on. While the database is away the gateway serves as it last was.

With ``REDIS_URL`` limits, resting keys and remembered answers are shared by all processes;
without, they are this process's own. What budgets have left is the database's word either way.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from gateway.configuration import Configuration, configuration_read, providers_of
from gateway.db import db
from gateway.engine.budgets import Budgets
from gateway.engine.config import Clocks
from gateway.engine.keys import KeyState
from gateway.engine.limits import LimitStore
from gateway.engine.pipeline import Gateway, Settings, Stores
from gateway.processes import process_id, processes_alive
from gateway.stores.ledger import Ledger
from gateway.stores.spending import Spending
from gateway.tracing import Tracer, tracer_of_settings

if TYPE_CHECKING:
    from gateway.stores.shared import SharedStores

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
CANCEL_AGAIN_SECONDS = 1.0
# Nobody reads faster, and each reading wakes everybody between the provider and the browser.
GATHER_SECONDS = 0.04


class Runtime:
    """A gateway, its ledger, and the poll that keeps it true to the database.

    Args:
        sleep: How to wait between two polls.
    """

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._building = asyncio.Lock()
        self._ledger = Ledger()
        self._tracer: Tracer | None = None
        self._budgets = Budgets(Spending(), {}, processes=lambda: self._processes)
        self._shared: SharedStores | None = None
        self._processes = settings.PROCESSES
        self._known: Configuration | None = None
        self._gateway: Gateway | None = None
        self._follower: asyncio.Task[None] | None = None

    async def gateway(self) -> Gateway:
        """Return the gateway, building it if this is the first call.

        Raises:
            DatabaseError: The database is away, and there is no gateway yet.
        """
        async with self._building:
            if self._gateway is None:
                self._gateway = await self._build()
            return self._gateway

    async def follow(self) -> bool:
        """Compare the database with what is known, and reconfigure the gateway if it differs.

        Returns:
            Whether it differed.
        """
        found = await self._read()
        if self._gateway is None or found == self._known:
            return False
        allowances = found.allowances
        await self._gateway.reconfigure(providers_of(found), allowances.caller_limits())
        self._budgets.budgets = allowances.daily_budgets()
        self._known = found
        return True

    async def heed(self) -> None:
        """Rest the keys that other processes have found to be in need of it."""
        if self._shared is None or self._gateway is None or self._known is None:
            return
        places = {
            str(key.id): provider.slug
            for provider in self._known.providers
            for key in self._known.keys
            if key.provider == provider.id
        }
        for rest in await self._shared.keys.rests(list(places)):
            self._gateway.rest_key(places[rest.key_id], rest.key_id, rest.seconds, rest.reason)

    @property
    def shared_limits(self) -> LimitStore | None:
        """The buckets that all processes share; None where a process is alone."""
        return self._shared.limits if self._shared else None

    def streams(self) -> dict[str, int]:
        """Return how many answers each key gives right now, by provider and label."""
        health = self._gateway.key_health() if self._gateway else {}
        return {
            f"{provider}/{key.label}": key.streams
            for provider, keys in health.items()
            for key in keys
            if key.streams
        }

    def resting(self) -> dict[str, tuple[float, str]]:
        """Return the keys that cool, each with its seconds left and why, by provider and label."""
        health = self._gateway.key_health() if self._gateway else {}
        return {
            f"{provider}/{key.label}": (round(key.ready_in_seconds or 0.0, 1), key.reason)
            for provider, keys in health.items()
            for key in keys
            if key.state is KeyState.COOLING
        }

    async def aclose(self) -> None:
        """End every stream and write down what the ledger holds."""
        while self._follower is not None and not self._follower.done():
            # redis-py loses a cancellation that meets a timeout of its own: it gets another.
            self._follower.cancel()
            await asyncio.wait([self._follower], timeout=CANCEL_AGAIN_SECONDS)
        if self._gateway is not None:
            await self._gateway.aclose()
        await self._ledger.aclose()
        if self._tracer is not None:
            await asyncio.to_thread(self._tracer.close)
        if self._shared is not None:
            await self._shared.aclose()

    async def _build(self) -> Gateway:
        self._known = known = await self._read()
        self._budgets.budgets = known.allowances.daily_budgets()
        self._tracer = tracer_of_settings()
        gateway = Gateway(
            providers_of(known),
            settings=Settings(
                clocks=Clocks(gather=GATHER_SECONDS), limits=known.allowances.caller_limits()
            ),
            stores=self._stores(),
            observers=[self._ledger, *([self._tracer] if self._tracer else [])],
        )
        self._ledger.start()
        # In a context of its own: it outlives the caller by far.
        self._follower = asyncio.create_task(
            self._follow_for_ever(), name="gateway-follower", context=contextvars.Context()
        )
        return gateway

    async def _follow_for_ever(self) -> None:
        is_failing = False
        while True:
            await self._sleep(POLL_SECONDS)
            try:
                await self.heed()
                await self.follow()
                is_failing = False
            except Exception:
                if not is_failing:
                    logger.exception("The gateway goes on with the configuration it had.")
                is_failing = True

    def _stores(self) -> Stores:
        if not settings.REDIS_URL:
            return Stores(budgets=self._budgets)
        from gateway.stores.shared import SharedStores  # noqa: PLC0415  # redis may be missing

        self._shared = shared = SharedStores(
            settings.REDIS_URL,
            process=process_id(),
            processes=lambda: self._processes,
            clock=asyncio.get_running_loop().time,
        )
        return Stores(
            limits=shared.limits, keys=shared.keys, cache=shared.cache, budgets=self._budgets
        )

    async def _read(self) -> Configuration:
        found, alive = await db(_picture)
        # Those that have just begun may not have reported yet.
        self._processes = max(alive, settings.PROCESSES)
        return found


def _picture() -> tuple[Configuration, int]:
    return configuration_read(timezone.localdate()), len(processes_alive())


_runtimes: dict[asyncio.AbstractEventLoop, Runtime] = {}


async def gateway() -> Gateway:
    """Return the running event loop's gateway.

    Raises:
        DatabaseError: The database is away, and there is no gateway yet.
    """
    loop = asyncio.get_running_loop()
    if loop not in _runtimes:
        for closed in [known for known in _runtimes if known.is_closed()]:
            del _runtimes[closed]
        _runtimes[loop] = Runtime()
    return await _runtimes[loop].gateway()


async def shared_limits() -> LimitStore | None:
    """Return the buckets that all processes share; None where a process is alone.

    Raises:
        DatabaseError: The database is away, and there is no gateway yet.
    """
    await gateway()
    return _runtimes[asyncio.get_running_loop()].shared_limits


async def gateway_close() -> None:
    """Close the running event loop's gateway, if it has one; the next call builds another."""
    runtime = _runtimes.pop(asyncio.get_running_loop(), None)
    if runtime is not None:
        await runtime.aclose()


def streams() -> dict[str, int]:
    """Return how many answers each key gives in this event loop, for the process's heartbeat."""
    runtime = _runtimes.get(asyncio.get_running_loop())
    return runtime.streams() if runtime else {}


def resting() -> dict[str, tuple[float, str]]:
    """Return which keys cool in this event loop, for the process's heartbeat."""
    runtime = _runtimes.get(asyncio.get_running_loop())
    return runtime.resting() if runtime else {}
