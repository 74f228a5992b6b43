"""How long the site takes to answer the least of all frames, a ping, while something goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle

from tests.chaos.browser import Browser

PAUSE_SECONDS = 0.012  # over all browsers: each socket may send ten frames a second for long


async def pulse(browsers: Sequence[Browser], seconds: float, share: float) -> float:
    """Return what this share of the pings is answered within.

    Args:
        browsers: Who pings, in turn.
        seconds: For how long.
        share: As in 0.95.
    """
    pauses = []
    deadline = time.monotonic() + seconds
    for browser in cycle(browsers):
        pauses.append(await _ping(browser))
        await asyncio.sleep(PAUSE_SECONDS)
        if time.monotonic() > deadline:
            break
    return sorted(pauses)[int(share * len(pauses))]


async def _ping(browser: Browser) -> float:
    def pongs() -> int:
        return sum(frame["type"] == "pong" for frame in browser.frames)

    sent_at, before = time.monotonic(), pongs()
    await browser.tell(type="ping")
    await browser.until(lambda: pongs() > before)
    return time.monotonic() - sent_at
