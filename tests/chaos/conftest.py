"""What the scenarios share: a prepared site, an upstream, and a seed that is printed."""

from __future__ import annotations

import os
import random
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.chaos.services import NEEDED, Postgres, Redis
from tests.chaos.site import environment, site_prepare
from tests.chaos.world import World

IS_LONG = os.environ.get("CHAOS_LONG") == "1"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with tables and the sample shop, to be copied."""
    path = tmp_path_factory.mktemp("prepared") / "db.sqlite3"
    site_prepare(environment(f"sqlite:///{path}"))
    return path


@pytest.fixture
def seed() -> int:
    """The scenario's seed; printed where a failure shows it."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(2**32))
    print(f"CHAOS_SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return seed


@pytest.fixture
async def world(prepared: Path, tmp_path: Path, seed: int) -> AsyncIterator[World]:
    """The embedded site and all around it."""
    if not IS_LONG and all(map(os.environ.get, NEEDED)):
        pytest.skip("embedded: make test runs it without TEST_DATABASE_URL")
    database = tmp_path / "db.sqlite3"
    shutil.copy(prepared, database)
    async with World(tmp_path, f"sqlite:///{database}", random.Random(seed)) as world:
        yield world


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A cluster of our own with a prepared database, to be copied."""
    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        pytest.skip(f"scaled out: {' and '.join(missing)} not set")
    server = Postgres()
    try:
        server.start()
        server.execute("CREATE DATABASE prepared")
        site_prepare(environment(server.url("prepared")))
        yield server
    finally:
        server.remove()


@pytest.fixture
def redis(postgres: Postgres) -> Iterator[Redis]:
    """A Redis of our own; asked for beside PostgreSQL, so that both are missing or none."""
    server = Redis()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
async def scaled(
    postgres: Postgres, redis: Redis, tmp_path: Path, seed: int
) -> AsyncIterator[World]:
    """Two processes of the site on PostgreSQL and Redis."""
    database = f"chaos_{secrets.token_hex(4)}"
    postgres.execute(f"CREATE DATABASE {database} TEMPLATE prepared")
    environ = {"REDIS_URL": redis.url, "PROCESSES": "2"}
    async with World(
        tmp_path, postgres.url(database), random.Random(seed), sites=2, environ=environ
    ) as world:
        yield world
