"""What tests of several rooms share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from django.db import connection, connections
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from gateway.sandbox.server import Pace, Sandbox, start
from tests.database_file import forbid

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile(
    "unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")

OTHERS_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Put SQLite's file where none was before.

    Names made of a process's number come again, and SQLite takes the journal that an earlier
    run has left beside a file of the same name for its own.
    """
    database = connections.settings["default"]
    if "sqlite" in database["ENGINE"]:
        path = tmp_path_factory.mktemp("database") / "db.sqlite3"
        database["TEST"]["NAME"] = str(path)
        forbid(path)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let go of PostgreSQL's database before it is dropped.

    Threads that outlive a test, such as the one in which asgiref runs all synchronous parts of
    requests, keep their connection to it.
    """
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(OTHERS_END)


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
