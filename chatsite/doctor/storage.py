"""The database: does it answer, is it as the code wants it, and does it agree on the time?"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from chatsite.doctor.finding import Finding, doubtful, fine, wrong

SKEW_DOUBTFUL_SECONDS = 1.0
CONNECT_SECONDS = 5
# libpq's, around what has happened: a prefix that says it twice, and a question to the reader.
_GUESSES = re.compile(r"^connection failed: (?=connection )|\s*Is the server running .*?\?")
ENCODING_REMEDY = "Make it anew: createdb --encoding UTF8 --template template0 --locale C.UTF-8"


def database_check() -> Iterator[Finding]:
    """Ask the database for its version."""
    alone = _without_pool(connection)
    begun = time.monotonic()
    try:
        with alone.cursor() as cursor:
            cursor.execute(
                "SELECT sqlite_version()" if alone.vendor == "sqlite" else "SHOW server_version"
            )
            (version,) = cursor.fetchone()
            fault = encoding_fault(alone)
    except DatabaseError as error:
        yield wrong(database_fault(str(error)), "See DATABASE_URL, and whether the server is up.")
        return
    finally:
        if alone is not connection:
            alone.close()
    if fault:
        yield wrong(fault, ENCODING_REMEDY)
        return
    took_ms = (time.monotonic() - begun) * 1000
    yield fine(f"{alone.display_name} {version} answers after {took_ms:.0f} ms.")


def encoding_fault(connection: BaseDatabaseWrapper) -> str:
    """Return what is wrong with how a database keeps words, or nothing."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding == "UTF8":
        return ""
    return f"The database keeps words as {encoding}, which has no room for every language."


def _without_pool(shared: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """Return a connection that says at once why there is none: a pool keeps trying, and mute."""
    if "pool" not in shared.settings_dict["OPTIONS"]:
        return shared
    alone: BaseDatabaseWrapper = shared.copy()
    del alone.settings_dict["OPTIONS"]["pool"]
    alone.settings_dict["OPTIONS"].setdefault("connect_timeout", CONNECT_SECONDS)
    return alone


def database_fault(said: str) -> str:
    """Return a driver's complaint as one short line; drivers name user and host, no password."""
    line = _GUESSES.sub("", " ".join(said.split())) or "it does not answer"
    return f"The database cannot be used: {line[:300].rstrip('.?!')}."


def migrations_check() -> Iterator[Finding]:
    """Compare the tables with the code, in both directions."""
    executor = MigrationExecutor(connection)
    pending = [
        f"{migration.app_label}.{migration.name}"
        for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]
    known = MigrationLoader(None).disk_migrations
    ours = {app for app, _ in known}
    applied = executor.loader.applied_migrations
    newer = [".".join(pair) for pair in sorted(applied) if pair not in known and pair[0] in ours]
    yield migrations_judge(pending, newer)


def migrations_judge(pending: list[str], newer: list[str]) -> Finding:
    """Judge what the database lacks, and what it has that the code does not know."""
    if pending:
        more = f" and {len(pending) - 1} more" if len(pending) > 1 else ""
        return wrong(f"The tables are behind the code: {pending[0]}{more}.", "manage.py migrate")
    if newer:
        return doubtful(
            f"The database has been used by a newer version, which added {newer[0]}.",
            "Fine while an upgrade is under way (docs/upgrade.md); otherwise install that version.",
        )
    return fine("The tables are as the code wants them.")


def clock_check() -> Iterator[Finding]:
    """Compare our clock with the database's, by which processes agree on leases."""
    if connection.vendor == "sqlite":
        yield fine("The database has no clock of its own.")
        return
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (theirs,) = cursor.fetchone()
        after = time.time()
    yield clock_judge(theirs - (before + after) / 2, settings.REPLY_LEASE_SECONDS)


def clock_judge(ahead_seconds: float, lease_seconds: float) -> Finding:
    """Judge by how much the database's clock is ahead of ours.

    Args:
        ahead_seconds: Negative if it is behind.
        lease_seconds: After which a silent process counts as dead.
    """
    off = abs(ahead_seconds)
    way = "ahead of" if ahead_seconds > 0 else "behind"
    words = f"The database's clock is {off:.1f} s {way} this machine's."
    remedy = "Keep all clocks right, with chrony or systemd-timesyncd."
    if off >= lease_seconds / 2:
        return wrong(f"{words} Replies would be taken from processes that live.", remedy)
    if off >= SKEW_DOUBTFUL_SECONDS:
        return doubtful(words, remedy)
    return fine(f"This machine and the database agree on the time within {max(off, 0.1):.1f} s.")
