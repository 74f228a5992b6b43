"""Writes ``first.sql``: a database as the first migrations made it, with one row of everything.

It was run once, at the commit that had no others; what it wrote is what later versions must be
able to read. ``python -m tests.chatsite.upgrade.make`` writes another for a later point in time.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FIRST = Path(__file__).with_name("first.sql")
WORLD = "from tests.admin_world import world_make; world_make()"


def main() -> None:
    """Make the database, and write down how."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "db")
        environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_URL": f"sqlite:///{path}",
        }
        for command in (("migrate", "-v0"), ("shell", "-v0", "-c", WORLD)):
            manage = [sys.executable, "manage.py", *command]
            subprocess.run(manage, cwd=ROOT, env=environ, check=True)  # noqa: S603 - our own command
        with closing(sqlite3.connect(path)) as connection:
            FIRST.write_text("\n".join([*connection.iterdump(), ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
