"""What deleting leaves in SQLite's file, and its removal.

A row that is deleted is not yet gone from the disk. SQLite overwrites it where ``secure_delete``
is on, which the settings see to; but its index of words keeps deleted words until they are merged
away, and its journal holds the pages as they were before. The sweep takes these two, in steps for
none of which the chat waits long. PostgreSQL does the like in its own time: docs/privacy.md.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import connection

from conversations.finding.upkeep import index_sweep_step
from gateway.db import db

logger = logging.getLogger(__name__)

# The whole index is rewritten, so a sweep rests for this many times as long as it took: the
# larger the site, the rarer the sweeps, and never more than a fiftieth of the time.
REST = 50
# Writers wait while the journal's readers are waited for.
PATIENCE_MS = 200


class Traces:
    """Whether something was erased since the last sweep of this process, and when to sweep again.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # A process does not know what the one before it has left.
        self._is_left = True
        self._rests_until = 0.0

    def leave(self) -> None:
        """Remember that something was erased."""
        self._is_left = True

    async def sweep_due(self) -> bool:
        """Sweep if something was erased and the last sweep is long enough ago.

        Returns:
            Whether nothing is left; what did not succeed stays due.
        """
        began = self._clock()
        if self._is_left and began >= self._rests_until:
            self._is_left = False
            try:
                self._is_left = not await sweep()
            except BaseException:
                self._is_left = True
                raise
            finally:
                self._rests_until = self._clock() + REST * (self._clock() - began)
        return not self._is_left


async def sweep() -> bool:
    """Leave nothing of what was erased in SQLite's file and journal; harmless elsewhere.

    Returns:
        Whether it succeeded; not, while somebody still reads the journal.
    """
    has_more = await db.write(index_sweep_step, is_first=True)
    while has_more:
        has_more = await db.write(index_sweep_step, is_first=False)
    is_empty = await db.write(_journal_empty)
    if not is_empty:
        logger.info("SQLite's journal is being read; emptying it is tried again.")
    return is_empty


def _journal_empty() -> bool:
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        usual = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not cursor.fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")


traces = Traces()
