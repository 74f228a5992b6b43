"""A world to look at, and a provider that answers while the admin asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Thread

import pytest

from gateway.models import Provider
from gateway.sandbox.server import Pace, Sandbox, start
from gateway.services import key_replace, provider_update
from tests.admin_world import World, world_make

SERVING = "sandbox-canary-0123456789abcdef"


@pytest.fixture
def world(db: None) -> World:
    return world_make()


@pytest.fixture
def provider(world: World) -> Iterator[Sandbox]:
    """The world's provider, speaking from a thread of its own; its key is ``SERVING``."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    sandbox = asyncio.run_coroutine_threadsafe(start(pace=Pace(0, 0)), loop).result(5)
    provider_update(provider=world.provider, base_url=sandbox.url)
    world.provider.refresh_from_db()
    world.key.refresh_from_db()
    world.key.provider = Provider.objects.get(pk=world.provider.pk)
    key_replace(key=world.key, secret=SERVING)
    yield sandbox
    asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
