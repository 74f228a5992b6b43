"""The database of the first version, on SQLite and PostgreSQL, and the proof that it is read."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.chatsite.started import ROOT
from tests.chatsite.upgrade.make import FIRST

READ_ALL = """
import json
from django.apps import apps
from django.test import Client
from gateway.sealed import secrets_sealed
from django.contrib.auth.models import User
from conversations.models import Conversation

for model in apps.get_models():
    list(model._default_manager.all())
client = Client(headers={"host": "127.0.0.1:8000"})
client.force_login(User.objects.get(username="owner"))
conversation = Conversation.objects.first()
pages = ["/admin/", f"/admin/conversations/conversation/{conversation.pk}/change/"]
pages += [f"/admin/{name}/" for name in (
    "gateway/provider", "gateway/apikey", "gateway/call", "gateway/price", "gateway/limit",
    "gateway/budget", "conversations/widget", "conversations/prompttemplate", "auth/user",
)]
secrets = secrets_sealed()
print(json.dumps({
    "secrets": [secrets.count, list(secrets.unreadable)],
    "pages": {page: client.get(page).status_code for page in pages},
}))
"""

# The command would make permissions in between, for which the tables are not there yet.
MIGRATE_FIRST = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
leaves = executor.loader.graph.leaf_nodes()
others = [leaf for leaf in leaves if leaf[0] not in ("conversations", "gateway")]
executor.migrate([*others, ("conversations", "0001_initial"), ("gateway", "0001_initial")])
"""


# Rows that come with their numbers leave the sequences behind.
COUNT_ON = """
SELECT format('SELECT setval(%L, (SELECT coalesce(max(%I), 0) + 1 FROM %I), false)',
              pg_get_serial_sequence(table_name, column_name), column_name, table_name)
FROM information_schema.columns
WHERE table_schema = 'public' AND is_identity = 'YES'
"""


def manage(url: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def first_make(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))


def rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, in the order of their keys."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        tables = [name for (name,) in connection.execute(named)]
        return {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608 - names of tables
            for table in tables
        }


def prove(url: str) -> None:
    """Read everything with the code of today."""
    told = json.loads(manage(url, "shell", "-v0", "-c", READ_ALL).splitlines()[-1])
    assert told["secrets"] == [1, []]
    assert set(told["pages"].values()) == {200}, told["pages"]


@contextmanager
def postgres_make() -> Iterator[str]:
    """Make an empty database where ``TEST_DATABASE_URL`` is, and drop it afterwards."""
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        pytest.skip("TEST_DATABASE_URL is not set")
    server, name = url.rpartition("/")[0], f"upgrade_{secrets.token_hex(4)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def postgres_fill(url: str, before: dict[str, list[dict[str, Any]]]) -> None:
    """Give an empty PostgreSQL database the tables and rows of the first version."""
    manage(url, "shell", "-v0", "-c", MIGRATE_FIRST)
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection, before)


def fill(connection: psycopg.Connection[Any], tables: dict[str, list[dict[str, Any]]]) -> None:
    """Copy the rows of the first version, each value as PostgreSQL writes it."""
    connection.execute("SET session_replication_role = replica")  # in any order
    for table, found in tables.items():
        if table.startswith("django_migrations"):
            continue
        connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - names of tables
        for row in found:
            names = ", ".join(f'"{name}"' for name in row)
            literal = ", ".join("%s" for _ in row)
            values = [None if value is None else str(value) for value in row.values()]
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({literal})".encode(), values)  # noqa: S608 - names of tables
    for (count_on,) in connection.execute(COUNT_ON).fetchall():
        connection.execute(count_on)
