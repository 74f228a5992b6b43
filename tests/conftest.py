"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from django.db import connections
from django.utils import translation

from gateway.sandbox.server import Pace, Sandbox, start


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put SQLite's file where none was before.

    Names made of a process's number come again, and SQLite takes the journal that an earlier
    run has left beside a file of the same name for its own.
    """
    database = connections.settings["default"]
    if "sqlite" in database["ENGINE"]:
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "db.sqlite3")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin each test in English: a page in Chinese leaves its language behind in the thread."""
    with translation.override("en"):
        yield


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A real sandbox on a free port of loopback that speaks as fast as it can."""
    running = await start(pace=Pace(first_seconds=0, word_seconds=0))
    yield running
    await running.stop()
