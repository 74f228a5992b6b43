"""What waits for an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from gateway.duedates import Due, due_date
from gateway.models import ApiKey, Call, Provider
from gateway.models.call import Outcome
from gateway.models.provider import KeyState

# A key in one of these serves again only once somebody acts.
NEEDS_SOMEBODY = (KeyState.EXHAUSTED, KeyState.REVOKED, KeyState.OUTDATED)


@dataclass(frozen=True, slots=True)
class GatewayCounts:
    """How the gateway stands.

    Args:
        serving_keys: Active keys of active providers.
        waiting_keys: Keys that serve again only once somebody acts.
        providers: All of them.
        calls: Calls of the last hour.
        failed_calls: How many of those failed.
        due_keys: Keys that must be replaced soon, or should have been.
    """

    serving_keys: int
    waiting_keys: int
    providers: int
    calls: int
    failed_calls: int
    due_keys: int = 0


def gateway_counts(now: datetime) -> GatewayCounts:
    """Count keys by what they need, and the calls of the hour before ``now``."""
    keys = ApiKey.objects.aggregate(
        serving=Count("pk", filter=Q(state=KeyState.ACTIVE, provider__is_active=True)),
        waiting=Count("pk", filter=Q(state__in=NEEDS_SOMEBODY)),
    )
    calls = Call.objects.filter(started_at__gte=now - timedelta(hours=1)).aggregate(
        all=Count("pk"), failed=Count("pk", filter=Q(outcome=Outcome.FAILED))
    )
    return GatewayCounts(
        serving_keys=keys["serving"],
        waiting_keys=keys["waiting"],
        providers=Provider.objects.count(),
        calls=calls["all"],
        failed_calls=calls["failed"],
        due_keys=len(keys_due(timezone.localdate(now))),
    )


def keys_due(today: date) -> list[tuple[ApiKey, Due]]:
    """Return the keys in use that must be replaced soon, the most urgent first."""
    serving = ApiKey.objects.filter(state=KeyState.ACTIVE, provider__is_active=True)
    found = [
        (key, due)
        for key in serving.select_related("provider")
        if (due := due_of(key)) and due.is_near(today)
    ]
    return sorted(found, key=lambda pair: pair[1].on)


def due_of(key: ApiKey) -> Due | None:
    """Return when a key must be replaced, if anything says so."""
    added = timezone.localdate(key.created_at)
    return due_date(added, key.provider.rotate_every_days, key.expires_on)
