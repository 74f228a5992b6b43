"""The site's settings for the one round in which transactions are counted.

SQLite tells each connection's statements; the count is kept in the file ``BENCH_COMMITS`` names,
as its size: a byte for each transaction that wrote. What housekeeping notes of itself is not
counted: it is written whether anybody asks or not.
"""

import os
from typing import Any

from django.db.backends.signals import connection_created

from tests.chaos.settings import *  # noqa: F403 - the site as it is

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
HOUSEKEEPING = ('"gateway_job"', '"gateway_process"')
_tally = os.open(os.environ["BENCH_COMMITS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _count(*, connection: Any, **_: Any) -> None:
    state = {"is_open": False, "has_written": False}

    def traced(statement: str) -> None:
        word = statement.lstrip().partition(" ")[0].rstrip(";").upper()
        if word == "BEGIN":
            state.update(is_open=True, has_written=False)
        elif word in WRITES and any(table in statement for table in HOUSEKEEPING):
            return
        elif word in WRITES and state["is_open"]:
            state["has_written"] = True
        elif word in WRITES or (word == "COMMIT" and state["has_written"]):
            os.write(_tally, b".")
        if word in {"COMMIT", "ROLLBACK"}:
            state.update(is_open=False, has_written=False)

    connection.connection.set_trace_callback(traced)


connection_created.connect(_count, weak=False)
