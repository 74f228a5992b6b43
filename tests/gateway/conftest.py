"""Runtimes over a database that knows the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from gateway.db import db
from gateway.runtime import Runtime
from gateway.sandbox.server import Sandbox
from tests.gateway.asking import bootstrap_at


@pytest.fixture
async def begin(sandbox: Sandbox) -> AsyncIterator[Callable[[], Runtime]]:
    """Begins one more process's runtime over a database that knows the sandbox.

    Its poll waits for the test.
    """
    await db.write(bootstrap_at, sandbox.url)
    begun: list[Runtime] = []

    def begin_one() -> Runtime:
        begun.append(Runtime(sleep=for_ever))
        return begun[-1]

    yield begin_one
    for runtime in begun:
        await runtime.aclose()


@pytest.fixture
def runtime(begin: Callable[[], Runtime]) -> Runtime:
    """The runtime of the only process."""
    return begin()


async def for_ever(_: float) -> None:
    await asyncio.Event().wait()
