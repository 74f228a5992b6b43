"""A database that the first version made, under the code of today."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.chatsite.upgrade.first import first_make, manage, postgres_fill, prove, rows


def test_every_row_of_the_first_version_is_there_and_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "db"
    first_make(path)
    before = rows(path)
    assert before["conversations_message"]
    assert before["gateway_apikey"][0]["sealed_secret"].startswith("v1.")
    manage(f"sqlite:///{path}", "migrate", "-v0")
    after = rows(path)
    ours = [
        table for table in before if table.startswith(("auth_user", "conversations_", "gateway_"))
    ]
    assert len(ours) > 10
    for table in ours:
        kept = [
            {name: row[name] for name in before[table][0] if name in row} for row in after[table]
        ]
        assert kept == before[table] if before[table] else True, table
    prove(f"sqlite:///{path}")


def test_the_same_on_postgresql(postgres: str, tmp_path: Path) -> None:
    first_make(tmp_path / "db")
    before = rows(tmp_path / "db")
    postgres_fill(postgres, before)
    manage(postgres, "migrate", "-v0")
    with psycopg.connect(postgres) as connection:
        for table in ("conversations_message", "gateway_call", "gateway_apikey"):
            found = connection.execute(f"SELECT * FROM {table}".encode()).fetchall()  # noqa: S608 - names of tables
            assert len(found) == len(before[table])
    prove(postgres)
