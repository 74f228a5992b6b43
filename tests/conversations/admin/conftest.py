"""A world to look at."""

import pytest

from tests.admin_world import World, world_make
from tests.conversations.admin.workshop import BASE


@pytest.fixture
def world(db: None) -> World:
    return world_make()


@pytest.fixture
def workshop(world: World) -> str:
    return f"{BASE}{world.template.pk}/change/"
