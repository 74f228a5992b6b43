"""``manage.py backup``: a copy of the SQLite database, while the site runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from chatsite.backup import BackupError, backup_make
from chatsite.counted import counted
from gateway.sealed import secrets_sealed

POSTGRESQL = "This site runs on PostgreSQL. Use its own tools: docs/operations.md has the commands."


class Command(BaseCommand):
    """Says what is needed besides the copy, then makes it."""

    help = "Copies the SQLite database while the site runs, and proves that the copy is sound."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, help="the copy; chatsite-<date>-<time>.sqlite3 by default"
        )

    def handle(self, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(POSTGRESQL)
        backup = options["file"] or Path(f"chatsite-{timezone.now():%Y%m%d-%H%M%S}.sqlite3")
        secrets = secrets_sealed()
        sealed = counted(secrets.count, "secret in the database is", "secrets in the database are")
        self.stdout.write(
            f"{sealed} sealed. Keep MASTER_KEYS of your .env "
            "in another safe place: without them a backup's secrets must be entered again."
        )
        for name in secrets.unreadable:
            self.stderr.write(f"Already now this does not open: {name}.")
        try:
            backup_make(database=Path(connection.settings_dict["NAME"]), backup=backup)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{backup} is whole: {backup.stat().st_size:,} bytes.")
