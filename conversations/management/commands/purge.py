"""``manage.py purge``: erases the conversations that have outlived their widget's days."""

from __future__ import annotations

from argparse import ArgumentParser

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand
from django.utils import timezone

from conversations.chat.runs import runs, runs_drain
from conversations.privacy.retention import outlived_count, retention_apply
from conversations.privacy.traces import sweep


class Command(BaseCommand):
    """Does by hand what housekeeping does each night, or only says what it would do."""

    help = "Erase conversations that are older than their widget keeps them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many, erase none")

    def handle(self, **options: object) -> None:
        found = outlived_count(timezone.now())
        if not found:
            self.stdout.write("No widget has a retention: everything is kept.")
            return
        for one in found:
            held = f", and {one.held} more that are on hold" if one.held else ""
            self.stdout.write(f"{one.widget}: {one.count} older than {one.days} days{held}")
        if not options["dry_run"]:
            self.stdout.write(f"Erased {async_to_sync(_purge)()}.")


async def _purge() -> int:
    try:
        erased = await retention_apply(timezone.now(), runs())
        await sweep()
    finally:
        await runs_drain(0)
    return erased
