"""Waiting for what is bound to come, never for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import FloatRect, Locator

UNTIL_SECONDS = 60.0
ANIMATIONS_SCRIPT = """
(node) => Promise.all(node.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
  .map((animation) => animation.finished.catch(() => {})))
"""


def animations_end(locator: Locator) -> None:
    """Wait until an element has come to rest."""
    locator.evaluate(ANIMATIONS_SCRIPT)


def box(locator: Locator) -> FloatRect:
    """Return where an element is, once it has come to rest."""
    animations_end(locator)
    found = locator.bounding_box()
    assert found is not None
    return found


def until(condition: Callable[[], bool]) -> None:
    """Look again and again, for as long as the site may take on a busy machine.

    For what a page does not tell by itself: Playwright's ``expect`` looks again by itself.
    """
    deadline = time.monotonic() + UNTIL_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not come to that."
        time.sleep(0.2)
