"""PostgreSQL's own tools, as docs/operations.md has them: what comes back is what was there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.chatsite.started import ROOT
from tests.chatsite.upgrade.first import first_make, manage, postgres_fill, prove, rows

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
ROWS = sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1")


def command(name: str) -> str:
    """Return the page's command that begins so."""
    if not shutil.which(name):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
    (found,) = re.findall(rf"^{name} .*$", PAGE, re.MULTILINE)
    return str(found)


def run(text: str, folder: Path, url: str) -> None:
    done = subprocess.run(  # noqa: S602 - the page's own commands
        text,
        shell=True,
        cwd=folder,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def read(url: str) -> dict[str, list[Any]]:
    """Return every row of every table, as PostgreSQL writes it."""
    with psycopg.connect(url) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        return {
            name: connection.execute(ROWS.format(sql.Identifier(name))).fetchall()
            for name in tables
        }


def test_a_restored_dump_is_what_was_dumped_and_every_secret_opens(
    postgres: str, tmp_path: Path
) -> None:
    dump, restore = command("pg_dump"), command("pg_restore")
    first_make(tmp_path / "db")
    postgres_fill(postgres, rows(tmp_path / "db"))
    manage(postgres, "migrate", "-v0")
    before = read(postgres)
    run(dump, tmp_path, postgres)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("UPDATE conversations_message SET text = 'spoilt'")
        connection.execute("TRUNCATE gateway_call CASCADE")
        connection.execute("CREATE INDEX later ON gateway_apikey (label)")
    assert read(postgres) != before
    run(restore, tmp_path, postgres)
    assert read(postgres) == before
    assert before["conversations_message"]
    prove(postgres)
