"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.sandbox.server import Pace, Sandbox, start


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A real sandbox on a free port of loopback that speaks as fast as it can."""
    running = await start(pace=Pace(first_seconds=0, word_seconds=0))
    yield running
    await running.stop()
