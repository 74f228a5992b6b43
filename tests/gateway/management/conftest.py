"""What tests of commands share: a provider that answers while the command has its own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Thread

import pytest

from gateway.bootstrap import bootstrap
from gateway.sandbox.server import Pace, Sandbox, start


@pytest.fixture
def provider() -> Iterator[Sandbox]:
    """A sandbox in a thread of its own, known to the database."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    sandbox = asyncio.run_coroutine_threadsafe(start(pace=Pace(0, 0)), loop).result(5)
    bootstrap(sandbox_url=sandbox.url)
    yield sandbox
    asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
