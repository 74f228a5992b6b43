"""A process that runs what is due at a frozen moment, again and again, until its input ends.

``python -m tests.conversations.prompts.schedule_process 2026-11-27T12:00:00+00:00``
"""

from __future__ import annotations

import sys
import threading
from datetime import datetime

import django

django.setup()

from conversations.prompts.schedules import schedules_run  # noqa: E402  # Django comes first


def main(now: datetime) -> None:
    """Begin with the first line of the input, and end with the input."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    listener = threading.Thread(target=sys.stdin.read, daemon=True)
    listener.start()
    rounds = 0
    while listener.is_alive() or rounds == 0:
        schedules_run(now)
        rounds += 1
    sys.stdout.write(f"{rounds}\n")


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]))
