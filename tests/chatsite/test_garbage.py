"""The garbage collector of a server."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from chatsite.garbage import YOUNG, garbage_settle
cycle = []
cycle.append(cycle)
del cycle
garbage_settle()
print(gc.get_freeze_count() > 1000, gc.get_threshold()[0] == YOUNG, gc.isenabled())
"""


def test_what_is_loaded_is_out_of_every_collection() -> None:
    # In a process of its own: what is frozen here would stay so for every other test.
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == ["True", "True", "True"]
