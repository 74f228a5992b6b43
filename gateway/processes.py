"""Which processes of the site run: each keeps a row with its heartbeat and its counts."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.utils import timezone

from gateway.models import Process

BEAT_SECONDS = 5.0
ALIVE_SECONDS = 20.0  # three beats may get lost
FORGET_AFTER = timedelta(hours=1)

_counts: dict[str, Callable[[], object]] = {}


def process_id() -> str:
    """Return this process's name: stable while it lives, and unlike any other's on any host."""
    return _named(os.getpid())


def counts_register(name: str, read: Callable[[], object]) -> None:
    """Have a figure of this process, such as its open sockets, kept beside its heartbeat.

    Args:
        name: What is counted; a later registration takes its place.
        read: Returns a number, or a dict of numbers; called in the event loop at each beat.
    """
    _counts[name] = read


def counts_read() -> dict[str, object]:
    """Return the figures of this process as they are now."""
    return {name: read() for name, read in _counts.items()}


def process_beat(counts: dict[str, object], *, now: datetime | None = None) -> None:
    """Say that this process lives."""
    beat = {"beat_at": now or timezone.now(), "counts": counts}
    Process.objects.update_or_create(id=process_id(), defaults=beat)


def process_drain() -> None:
    """Say that this process takes nothing new any more."""
    Process.objects.filter(id=process_id()).update(is_draining=True)


def process_leave() -> None:
    """Take this process off the list: it ends in good order."""
    Process.objects.filter(id=process_id()).delete()


def heartbeats(now: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """Return the last heartbeat of each process that lives: its time, and the counts it told."""
    alive = Process.objects.filter(beat_at__gte=now - timedelta(seconds=ALIVE_SECONDS))
    return list(alive.values_list("beat_at", "counts"))


def processes_alive(*, now: datetime | None = None) -> list[str]:
    """Return the names of the processes that were heard of lately."""
    since = (now or timezone.now()) - timedelta(seconds=ALIVE_SECONDS)
    return list(Process.objects.filter(beat_at__gte=since).values_list("id", flat=True))


def processes_forget(*, now: datetime | None = None) -> int:
    """Take the processes off the list that have been silent for long, and return how many."""
    before = (now or timezone.now()) - FORGET_AFTER
    return Process.objects.filter(beat_at__lt=before).delete()[0]


@cache
def _named(pid: int) -> str:
    # By pid, so that a fork gets a name of its own.
    return f"{socket.gethostname()[:40]}:{pid}:{secrets.token_hex(4)}"
