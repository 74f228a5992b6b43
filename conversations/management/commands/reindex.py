"""``manage.py reindex``: makes conversations findable that are not, or all of them anew."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand

from conversations.finding.upkeep import conversations_index, index_sweep

NOWHERE = UUID(int=0)


class Command(BaseCommand):
    """Indexes in batches while the site runs; stopped, it goes on where it was."""

    help = (
        "Index conversations that a version without search has left behind; --all indexes every "
        "conversation anew. It can be stopped at any time; what is done stays done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="not only those never indexed")
        parser.add_argument(
            "--after", type=UUID, help="go on with --all behind this conversation, as printed"
        )
        parser.add_argument("--batch", type=int, default=200, help="conversations at a time")

    def handle(self, *, all: bool, after: UUID | None, batch: int, **_: object) -> None:  # noqa: A002 - the option's name
        place = after or (NOWHERE if all else None)
        done = 0
        while found := conversations_index(after=place, batch=batch):
            done += len(found)
            if place is not None:
                place = found[-1]
            if done % (10 * batch) == 0:
                where = f"; to go on from here: --all --after {place}" if place else ""
                self.stdout.write(f"{done} conversations{where}")
        index_sweep()
        self.stdout.write(f"{done} conversations are indexed.")
