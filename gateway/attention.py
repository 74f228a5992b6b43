"""What waits for an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

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
    """

    serving_keys: int
    waiting_keys: int
    providers: int
    calls: int
    failed_calls: int


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
    )
