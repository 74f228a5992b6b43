"""A copy of an SQLite database: taken while the site runs, proved, and put back.

PostgreSQL brings tools of its own; docs/operations.md has the commands.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

Migration = tuple[str, str]


class BackupError(Exception):
    """The copy could not be made or put back; its text says why, and nothing was changed."""


def backup_make(*, database: Path, backup: Path) -> None:
    """Copy a database as it is at one moment, without stopping who uses it.

    The copy is compact: pages that were freed, and what was erased from them, are not in it.
    Only its owner may read it, and it gets its name when it is whole and proved.

    Args:
        database: The file that the site uses.
        backup: Where the copy goes; no file may be there.

    Raises:
        BackupError: The copy could not be written, or is not sound.
    """
    if not database.exists():
        raise BackupError(f"There is no database at {database}.")
    if backup.exists():
        raise BackupError(f"{backup} is there already. Choose another name.")
    with _whole(backup) as draft:
        try:
            with closing(sqlite3.connect(_address(database, "rw"), uri=True)) as connection:
                connection.execute("VACUUM INTO ?", (str(draft),))
        except sqlite3.Error as error:
            raise BackupError(f"The copy could not be written: {error}.") from error
        backup_prove(draft)


def backup_prove(backup: Path) -> frozenset[Migration]:
    """Make sure that a file is a sound database of ours.

    Returns:
        The migrations it has been through, as pairs of app and name.

    Raises:
        BackupError: It is damaged, or something else.
    """
    try:
        with closing(sqlite3.connect(_address(backup, "ro"), uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise BackupError(f"{backup} is damaged: {verdict}.")
            if orphan := connection.execute("PRAGMA foreign_key_check").fetchone():
                raise BackupError(f"{backup} is damaged: a row of {orphan[0]} has lost its parent.")
            return frozenset(connection.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.Error as error:
        raise BackupError(f"{backup} is no database of this site: {error}.") from error


def backup_restore(
    *, backup: Path, database: Path, known: Container[Migration], now: datetime
) -> Path | None:
    """Put a copy in the database's place, and keep what was there beside it.

    Args:
        backup: The copy; it stays where it is.
        database: The file that the site uses, when it runs.
        known: The migrations of the code; a copy that has been through others is of a newer one.
        now: Names the file that is put aside.

    Returns:
        Where the former database is, if there was one.

    Raises:
        BackupError: The copy is not sound or too new, or somebody uses the database.
    """
    if not backup.exists():
        raise BackupError(f"There is no backup at {backup}.")
    with _whole(database) as draft:
        shutil.copyfile(backup, draft)
        strange = sorted(pair for pair in backup_prove(draft) if pair not in known)
        if strange:
            newer = ".".join(strange[0])
            raise BackupError(
                f"{backup} is of a newer version of Chatsite ({newer}). Install that first."
            )
        return _keep(database, now) if database.exists() else None


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    # Beside the target, for a rename is one step only within a file system.
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(target)
    except OSError as error:
        raise BackupError(f"{target} could not be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _keep(database: Path, now: datetime) -> Path:
    """Give a database that nobody uses a second name, so that there is one at any moment."""
    aside = database.with_name(f"{database.name}.before-{now:%Y%m%d-%H%M%S}")
    try:
        with closing(sqlite3.connect(_address(database, "rw"), uri=True, timeout=1)) as connection:
            # Takes the journal in and its file away, and fails while another connection is open.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise BackupError(f"{database} is in use. Stop the site first.") from error
    except sqlite3.DatabaseError:
        # Damaged: perhaps the reason for this. It is kept with the journal it has.
        for end in ("-wal", "-shm"):
            journal = database.with_name(database.name + end)
            if journal.exists():
                journal.rename(aside.with_name(aside.name + end))
    aside.hardlink_to(database)
    return aside


def _address(path: Path, mode: str) -> str:
    return f"{path.resolve().as_uri()}?mode={mode}"
