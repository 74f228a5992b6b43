"""What the site stands on beside its database: disk, static files, its own processes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

from chatsite.counted import counted
from chatsite.doctor.finding import Finding, doubtful, fine, wrong
from gateway.processes import processes_alive

MIB = 1024 * 1024
DISK_DOUBTFUL_MIB, DISK_WRONG_MIB = 1024, 100


def disk_check() -> Iterator[Finding]:
    """Look how much room there is for what this machine writes."""
    database = settings.DATABASES["default"]
    is_here = "sqlite" in database["ENGINE"]
    folder = Path(database["NAME"]).resolve().parent if is_here else Path(settings.BASE_DIR)
    what = "the database" if is_here else "the site"
    yield disk_judge(shutil.disk_usage(folder).free // MIB, what)


def disk_judge(free_mib: int, what: str) -> Finding:
    """Judge the room that is left where something is kept."""
    words = f"{free_mib:,} MiB are free where {what} is."
    if free_mib < DISK_WRONG_MIB:
        return wrong(words, "Make room: what cannot be written is not acknowledged.")
    if free_mib < DISK_DOUBTFUL_MIB:
        return doubtful(words, "Make room before it is full.")
    return fine(words)


def static_check() -> Iterator[Finding]:
    """Look for the collected scripts and styles."""
    needs_manifest = isinstance(staticfiles_storage, ManifestFilesMixin)
    if needs_manifest and not Path(settings.STATIC_ROOT, "staticfiles.json").exists():
        yield wrong("The static files are not collected.", "manage.py collectstatic --no-input")
    else:
        yield fine("The static files are there.")


def processes_check() -> Iterator[Finding]:
    """Count the processes that were heard of lately."""
    yield processes_judge(len(processes_alive()), settings.PROCESSES)


def processes_judge(alive: int, wanted: int) -> Finding:
    """Judge how many processes serve against how many were meant to."""
    of = counted(wanted, "process", "processes")
    words = f"{alive} of {of} {'serves' if alive == 1 else 'serve'} the site."
    if alive == 0:
        return doubtful("No process serves the site.", "manage.py serve")
    if alive < wanted:
        return doubtful(words, "Start the others, or set PROCESSES to what is meant.")
    if alive > wanted:
        return doubtful(
            f"{alive} processes serve the site, but PROCESSES is {wanted}.",
            "Without Redis each counts limits as if it were one of PROCESSES: set it right. "
            "(One that was killed counts for 20 s.)",
        )
    return fine(words)
