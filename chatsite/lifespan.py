"""What lives as long as the server does: housekeeping, running replies, the gateway."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from django.conf import settings

from conversations.chat.recovery import replies_inherit
from conversations.chat.runs import runs_drain
from conversations.proving.runner import case_runs_drain
from gateway.db import db
from gateway.housekeeping import Housekeeping
from gateway.processes import process_drain
from gateway.runtime import gateway_close

logger = logging.getLogger(__name__)


@asynccontextmanager
async def site_lifespan() -> AsyncGenerator[None, None]:
    """Run housekeeping; at the end let running replies finish, or save and release them.

    Each step of the end is taken even if the one before it fails.
    """
    housekeeping = Housekeeping()
    async with AsyncExitStack() as ending:
        steps = (gateway_close, housekeeping.stop, case_runs_drain, _replies_drain, _drain_announce)
        for step in steps:
            ending.push_async_callback(_logged, step)
        await _logged(replies_inherit)
        await housekeeping.start()
        yield


async def _replies_drain() -> None:
    await runs_drain(settings.DRAIN_SECONDS)


async def _drain_announce() -> None:
    await db.write(process_drain)


async def _logged(step: Callable[[], Awaitable[None]]) -> None:
    try:
        await step()
    except Exception:
        logger.exception("A step of the start or of the orderly end failed")
