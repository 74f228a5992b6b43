"""Waiting for a database that is away for a moment, so that it costs no answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import chain, repeat
from typing import TypeVar

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

T = TypeVar("T")

WAITS_SECONDS = (0.2, 0.5, 1.0)
LAST_WAIT_SECONDS = 2.0


async def patiently(
    act: Callable[[], Awaitable[T]],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Do something with the database, as often as it takes; it must be safe to repeat.

    Locked, restarted, out of reach or out of space: all of these pass. Whoever calls may be
    cancelled, and bounds the waiting so.

    Raises:
        DatabaseError: It will not get better by waiting.
    """
    for seconds in chain(WAITS_SECONDS, repeat(LAST_WAIT_SECONDS)):
        try:
            return await act()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database is away: %s", type(error).__name__)
            await sleep(seconds)
    raise AssertionError("unreachable: the waits never end")
