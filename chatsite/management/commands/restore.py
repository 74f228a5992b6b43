"""``manage.py restore``: a backup in the place of the SQLite database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from chatsite.backup import BackupError, backup_restore
from chatsite.counted import counted
from chatsite.management.commands.backup import POSTGRESQL
from gateway.sealed import secrets_sealed


class Command(BaseCommand):
    """Puts the former database aside, the backup in its place, and brings it up to the code."""

    help = "Puts a backup in the place of the SQLite database; the former one is kept beside it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` has made")

    def handle(self, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(POSTGRESQL)
        connections.close_all()
        database = Path(connection.settings_dict["NAME"])
        try:
            aside = backup_restore(
                backup=options["file"],
                database=database,
                known=MigrationLoader(None).disk_migrations,
                now=timezone.now(),
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"{database} is as it was in {options['file']}.")
        if aside:
            self.stdout.write(f"What was there before is in {aside}.")
        self._secrets_tell()

    def _secrets_tell(self) -> None:
        secrets = secrets_sealed()
        for name in secrets.unreadable:
            self.stderr.write(f"This does not open: {name}.")
        if secrets.unreadable:
            raise CommandError(
                f"{len(secrets.unreadable)} of {secrets.count} secrets do not open under "
                "MASTER_KEYS. Add the master key they were sealed with, or enter them again "
                "in the admin."
            )
        opening = counted(secrets.count, "secret opens", "secrets open")
        self.stdout.write(f"{opening}, and none stays shut.")
