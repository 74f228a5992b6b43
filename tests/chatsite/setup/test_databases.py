"""``setup`` with the databases that a grown site uses."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from chatsite.setup.trials import database_try
from tests.chatsite.setup.asking import PASSWORD, environment, run


def test_the_real_database_and_redis_are_used(tmp_path: Path) -> None:
    url, redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if not url or not redis:
        pytest.skip("TEST_DATABASE_URL and TEST_REDIS_URL are not set")
    server = url.rpartition("/")[0]
    name = f"setup_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            environ = environment(
                tmp_path,
                DATABASE_URL=f"{server}/{name}",
                REDIS_URL=redis,
                OPERATOR_PASSWORD=PASSWORD,
            )
            named = ("--site", "localhost", "--processes", "2", "--operator", "ann")
            done = run("setup", "--no-input", *named, environ=environ)
            assert done.returncode == 0, done.stderr
            assert "PROCESSES=2\n" in (tmp_path / "site.env").read_text()
            with psycopg.connect(f"{server}/{name}") as made:
                rows = made.execute("SELECT username FROM auth_user").fetchall()
                tables = made.execute(
                    "SELECT count(*) FROM pg_tables WHERE tablename = 'chatsite_setup_trial'"
                ).fetchone()
            assert (rows, tables) == ([("ann",)], (0,))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.django_db
def test_a_database_without_room_for_every_language_is_refused() -> None:
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        pytest.skip("TEST_DATABASE_URL is not set")
    server, name = url.rpartition("/")[0], f"ascii_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        made = f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
        connection.execute(made.encode())
        try:
            assert "keeps words as SQL_ASCII" in database_try(f"{server}/{name}")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    assert database_try(f"{server}/postgres") == ""
