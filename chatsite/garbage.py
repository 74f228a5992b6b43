"""The garbage collector, set for a process that keeps many small things for long."""

from __future__ import annotations

import gc

# The interpreter's own 700 makes thousands of passes a minute through the same open sockets and
# running replies; ten times as many new things are still looked through within some milliseconds.
YOUNG = 7_000


def garbage_settle() -> None:
    """Let no collection look again at what is loaded by now, and collect less often.

    For the moment before a server begins: models, routes and translations stay for as long as
    it runs, and a full collection that walks through all of them stops every answer meanwhile
    (``gc.freeze`` is made for this: https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
