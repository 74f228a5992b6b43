from __future__ import annotations

import base64
import shutil
import signal
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatsite.backup import BackupError, backup_make, backup_prove, backup_restore
from tests.chatsite.started import manage

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
KNOWN = {("gateway", "0001_initial")}
CANARY = "canary-of-an-erased-customer"


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608 - our own tables' names
            for (name,) in tables.fetchall()
        }


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE django_migrations (app TEXT, name TEXT)")
        connection.execute("INSERT INTO django_migrations VALUES ('gateway', '0001_initial')")
        connection.execute("CREATE TABLE message (text TEXT)")
        connection.executemany("INSERT INTO message VALUES (?)", [("你好",), ("hello",)])
        connection.commit()
    return path


def test_a_backup_holds_what_was_committed_and_nothing_else(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("INSERT INTO message VALUES ('committed')")
        writer.commit()
        writer.execute("INSERT INTO message VALUES ('not yet')")
        backup_make(database=database, backup=backup)
        writer.rollback()
    assert rows(backup) == rows(database)
    assert backup_prove(backup) == KNOWN
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"backup", "db.sqlite3"}


def test_what_was_erased_is_not_in_a_backup(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("INSERT INTO message VALUES (?)", (CANARY,))
        connection.commit()
        connection.execute("DELETE FROM message WHERE text = ?", (CANARY,))
        connection.commit()
    assert CANARY.encode() in database.read_bytes()
    backup_make(database=database, backup=tmp_path / "backup")
    assert CANARY.encode() not in (tmp_path / "backup").read_bytes()


def test_no_backup_is_written_over(database: Path, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("older")
    with pytest.raises(BackupError, match="is there already"):
        backup_make(database=database, backup=tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "older"


def test_a_backup_that_cannot_be_written_leaves_nothing(database: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="No such file or directory"):
        backup_make(database=database, backup=tmp_path / "no folder" / "backup")
    with pytest.raises(BackupError, match="There is no database"):
        backup_make(database=tmp_path / "none", backup=tmp_path / "backup")
    assert {path.name for path in tmp_path.iterdir()} == {"db.sqlite3"}


def test_restoring_keeps_what_was_there(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup_make(database=database, backup=backup)
    then = rows(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO message VALUES ('later')")
        connection.commit()
    now = rows(database)
    aside = backup_restore(backup=backup, database=database, known=KNOWN, now=NOW)
    assert rows(database) == then
    assert aside == tmp_path / "db.sqlite3.before-20261125-030000"
    assert rows(aside) == now


def test_a_database_in_use_is_not_replaced(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup_make(database=database, backup=backup)
    with closing(sqlite3.connect(database)) as site:
        site.execute("SELECT * FROM message").fetchall()
        with pytest.raises(BackupError, match="is in use"):
            backup_restore(backup=backup, database=database, known=KNOWN, now=NOW)
        site.execute("INSERT INTO message VALUES ('still writing')")
        site.commit()
    assert ("still writing",) in rows(database)["message"]
    assert {path.name for path in tmp_path.iterdir()} == {"backup", "db.sqlite3"}


@pytest.mark.parametrize("harm", ["text", "cut short", "another database", "orphan"])
def test_a_broken_backup_changes_nothing(database: Path, tmp_path: Path, harm: str) -> None:
    backup = tmp_path / "backup"
    if harm == "text":
        backup.write_text("no database" * 1000)
    elif harm == "cut short":
        backup_make(database=database, backup=backup)
        backup.write_bytes(backup.read_bytes()[:5000])
    elif harm == "orphan":
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE reply (id INTEGER REFERENCES gone (id))")
            connection.execute("CREATE TABLE gone (id INTEGER PRIMARY KEY)")
            connection.execute("INSERT INTO reply VALUES (1)")
            connection.commit()
        shutil.copyfile(database, backup)
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DROP TABLE reply")
            connection.commit()
    else:
        with closing(sqlite3.connect(backup)) as other:
            other.execute("CREATE TABLE notes (text TEXT)")
    before = rows(database)
    with pytest.raises(BackupError):
        backup_restore(backup=backup, database=database, known=KNOWN, now=NOW)
    assert rows(database) == before


def test_a_damaged_database_is_put_aside(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup_make(database=database, backup=backup)
    then = rows(database)
    database.write_text("a disk that lied" * 1000)
    aside = backup_restore(backup=backup, database=database, known=KNOWN, now=NOW)
    assert rows(database) == then
    assert aside
    assert aside.read_text().startswith("a disk that lied")


async def test_a_site_is_backed_up_while_it_runs_and_is_whole_after_a_restore(
    tmp_path: Path,
) -> None:
    database, backup, bare = tmp_path / "db", tmp_path / "backup", tmp_path / "bare"
    provider = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": "http://127.0.0.1:1"}
    async with manage("demo", database=database, **provider) as demo:
        await demo.heard("Ctrl-C")
        async with manage("backup", str(backup), database=database) as command:
            assert await command.ended() == 0
            assert command.said[0].startswith("1 secret in the database is sealed.")
        async with manage("restore", str(backup), database=database) as command:
            assert await command.ended() == 1
            assert "Stop the site first." in command.said[-1]
        demo.process.send_signal(signal.SIGINT)
        assert await demo.ended() == 0
    async with manage("restore", str(backup), database=bare) as command:
        assert await command.ended() == 0
        assert command.said[-1] == "1 secret opens, and none stays shut.\n"
    assert rows(bare) == rows(backup)
    assert any(rows(bare)["conversations_promptversion"])


async def test_a_restore_under_other_master_keys_names_what_stays_shut(tmp_path: Path) -> None:
    database, backup = tmp_path / "db", tmp_path / "backup"
    provider = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": "http://127.0.0.1:1"}
    async with manage("demo", database=database, **provider) as demo:
        await demo.heard("Ctrl-C")
    async with manage("backup", str(backup), database=database) as command:
        assert await command.ended() == 0
    other = {"MASTER_KEYS": base64.b64encode(b"another key, 32 bytes of another").decode()}
    async with manage("restore", str(backup), database=database, **other) as command:
        assert await command.ended() == 1
    said = "".join(command.said)
    assert "of openai." in said
    assert "1 of 1 secrets do not open under MASTER_KEYS" in said
    assert "sk-canary" not in said


async def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO django_migrations VALUES ('gateway', '9999_from_tomorrow')")
        connection.commit()
    backup_make(database=database, backup=tmp_path / "backup")
    async with manage("restore", str(tmp_path / "backup"), database=tmp_path / "db") as command:
        assert await command.ended() == 1
    assert "newer version of Chatsite (gateway.9999_from_tomorrow)" in command.said[-1]
    assert not (tmp_path / "db").exists()
