"""What the site stands on beside its database: disk, static files, its own processes."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

from chatsite import dotenv
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


def files_check() -> Iterator[Finding]:
    """Look who can read the secrets and what customers said, where these are files here."""
    database = settings.DATABASES["default"]
    kept = [Path(os.environ.get("ENV_FILE") or dotenv.PATH)]
    if "sqlite" in database["ENGINE"]:
        kept.append(Path(database["NAME"]))
    yield files_judge([path for path in kept if path.is_file() and is_open(path)])


def is_open(path: Path) -> bool:
    """Return whether every user of this machine can read a file, and come to it."""
    path = path.resolve()
    is_reached = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    return is_reached and bool(path.stat().st_mode & stat.S_IROTH)


def files_judge(opened: list[Path]) -> Finding:
    """Judge files that should be read by few, by those that everybody reads."""
    if not opened:
        return fine("No other user of this machine reads what is secret.")
    named = " and ".join(map(str, opened))
    patterns = " ".join(f"{path}*" for path in opened)
    return doubtful(f"Every user of this machine can read {named}.", f"chmod o= {patterns}")


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
