"""A world to look at."""

import pytest

from tests.admin_world import World, world_make


@pytest.fixture
def world(db: None) -> World:
    return world_make()
