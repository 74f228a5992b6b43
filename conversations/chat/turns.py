"""Taking turns over what no row stands for yet."""

from __future__ import annotations

from uuid import UUID

from django.db import connection


def turn_take(name: UUID) -> None:
    """Wait until no other transaction has this name, and keep it to the end of ours.

    On SQLite nothing is left to do: its transactions begin with the right to write, one at a time.
    On PostgreSQL each statement of ours sees what was committed before it began, so what is asked
    after the turn was taken is answered with what the one before us has stored.

    Args:
        name: Random, so that no two things share its 64 bits.
    """
    if connection.vendor == "postgresql":
        number = int.from_bytes(name.bytes[8:], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
