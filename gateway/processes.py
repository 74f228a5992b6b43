"""Which processes of the site run: each keeps a row with its heartbeat and its counts."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from django.db.models import QuerySet
from django.utils import timezone

from gateway.models import Process

BEAT_SECONDS = 5.0
ALIVE_SECONDS = 20.0  # three beats may get lost
FORGET_AFTER = timedelta(hours=1)

KeyName: TypeAlias = tuple[str, str]
"""A provider's slug and a key's label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a process said of its keys, and when.

    Args:
        at: When it said so.
        answers: How many answers each key gives; a key that gives none is not there.
        rests: The keys that cool, each with the seconds left then, and why.
        sockets: How many chats are open.
    """

    at: datetime
    answers: Mapping[KeyName, int]
    rests: Mapping[KeyName, tuple[float, str]]
    sockets: int = 0

    def resting(self, now: datetime) -> dict[KeyName, tuple[datetime, str]]:
        """Return the keys that still cool there, each with until when, and why."""
        ends = {
            name: (self.at + timedelta(seconds=seconds), reason)
            for name, (seconds, reason) in self.rests.items()
        }
        return {name: end for name, end in ends.items() if end[0] > now}


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


def heartbeats(now: datetime) -> list[Heartbeat]:
    """Return the last heartbeat of each process that lives."""
    return [
        Heartbeat(
            at=beat_at,
            answers=_by_key(counts.get("streams", {})),
            rests=_by_key(counts.get("resting", {})),
            sockets=counts.get("sockets", 0),
        )
        for beat_at, counts in _alive(now).values_list("beat_at", "counts")
    ]


def processes_alive(*, now: datetime | None = None) -> list[str]:
    """Return the names of the processes that were heard of lately."""
    return list(_alive(now or timezone.now()).values_list("id", flat=True))


def processes_forget(*, now: datetime | None = None) -> int:
    """Take the processes off the list that have been silent for long, and return how many."""
    before = (now or timezone.now()) - FORGET_AFTER
    return Process.objects.filter(beat_at__lt=before).delete()[0]


def _alive(now: datetime) -> QuerySet[Process]:
    return Process.objects.filter(beat_at__gte=now - timedelta(seconds=ALIVE_SECONDS))


def _by_key(counts: Mapping[str, Any]) -> dict[KeyName, Any]:
    # JSON has no pairs for names; a slug holds no slash.
    return {
        (slug, label): told
        for name, told in counts.items()
        for slug, _, label in [name.partition("/")]
    }


@cache
def _named(pid: int) -> str:
    # By pid, so that a fork gets a name of its own.
    return f"{socket.gethostname()[:40]}:{pid}:{secrets.token_hex(4)}"
