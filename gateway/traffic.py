"""How a provider's keys fared in the last hour, attempt by attempt: retries hide nothing here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.models import Call
from gateway.processes import heartbeats

WINDOW = timedelta(hours=1)
# Of a busy hour the newest are enough to tell shares and rates.
MAX_CALLS = 2000


@dataclass(slots=True)
class Traffic:
    """What one key did.

    Args:
        attempts: Calls to the provider with this key.
        errors: How many of them failed, by error code.
    """

    attempts: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def success_rate(self) -> float | None:
        """The share that succeeded, 0 to 1; None if nothing was tried."""
        if not self.attempts:
            return None
        return 1 - self.errors.total() / self.attempts


@dataclass(frozen=True, slots=True)
class Rest:
    """A key cools in at least one process."""

    until: datetime
    reason: str


def traffic_by_key(provider: str, now: datetime) -> dict[str, Traffic]:
    """Return what each key of a provider did, by label."""
    recent = Call.objects.filter(started_at__gte=now - WINDOW).order_by("-started_at")
    return traffic_count(provider, recent.values_list("attempts", flat=True)[:MAX_CALLS])


def traffic_count(provider: str, calls: Iterable[list[dict[str, object]]]) -> dict[str, Traffic]:
    """Count the attempts of calls that went to a provider, by the key's label."""
    found: dict[str, Traffic] = {}
    for attempts in calls:
        for attempt in attempts:
            if attempt["provider"] != provider or not attempt["key"]:
                continue
            traffic = found.setdefault(str(attempt["key"]), Traffic())
            traffic.attempts += 1
            if attempt["error"]:
                traffic.errors[str(attempt["error"])] += 1
    return found


def rests_by_key(provider: str, now: datetime) -> dict[str, Rest]:
    """Return the keys that cool, by label, as the processes said in their last heartbeats."""
    found: dict[str, Rest] = {}
    for beat in heartbeats(now):
        for (owner, label), (until, reason) in beat.resting(now).items():
            known = found.get(label)
            if owner == provider and (known is None or known.until < until):
                found[label] = Rest(until, reason)
    return found
