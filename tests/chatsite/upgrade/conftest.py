"""An empty PostgreSQL database, where there is a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chatsite.upgrade.first import postgres_make


@pytest.fixture
def postgres() -> Iterator[str]:
    with postgres_make() as url:
        yield url
