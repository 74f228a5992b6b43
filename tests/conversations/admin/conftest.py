"""A world to look at."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.db import db
from gateway.runtime import gateway_close
from gateway.sandbox.server import Sandbox
from tests.admin_world import World, world_make
from tests.conversations.admin.workshop import BASE, world_answered


@pytest.fixture
def world(db: None) -> World:
    return world_make()


@pytest.fixture
def workshop(world: World) -> str:
    return f"{BASE}{world.template.pk}/change/"


@pytest.fixture
async def tried(transactional_db: None, sandbox: Sandbox) -> AsyncIterator[World]:
    """A world with a provider that answers."""
    yield await db.write(world_answered, sandbox.url)
    await gateway_close()
