"""What a database in a file holds, byte by byte."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

READ = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"


def contents() -> Iterator[tuple[Path, bytes]]:
    """Yield SQLite's file and the journals beside it, read by another process.

    Whoever closes such a file drops all of this process's locks on it, SQLite's own included:
    https://www.sqlite.org/howtocorrupt.html, section 2.2. ``forbid`` sees that nobody here does.
    """
    database = Path(connection.settings_dict["NAME"])
    for path in database.parent.glob(f"{database.name}*"):
        command = [sys.executable, "-c", READ, str(path)]
        yield path, subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own


def forbid(database: Path) -> None:
    """Let nobody in this process open a database's file but SQLite itself.

    The locks that closing it drops are missed far away: another process that ends believes it is
    the last, takes the journal away, and a later test finds a file that is no database.
    """
    name = str(database)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(name):
            raise AssertionError(f"{arguments[0]} is opened beside SQLite: use contents()")

    sys.addaudithook(watch)
