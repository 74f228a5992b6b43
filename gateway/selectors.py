"""What other floors may read of the gateway, as plain values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from gateway.configuration import prices_on
from gateway.engine.types import Target
from gateway.models import ApiKey, Call, Provider
from gateway.models.call import Outcome
from gateway.models.provider import KeyState

SANDBOX = "sandbox"

HEALTH_WINDOW = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    """A call as staff see it beside a reply.

    Args:
        attempts: Dicts of provider, model, key, wait_ms, status, error and took_ms.
        cost: None if the price or the usage is not known.
    """

    id: str
    started_at: dt.datetime
    outcome: str
    error_code: str
    provider: str
    model: str
    key_label: str
    attempts: list[dict[str, Any]]
    queue_ms: int
    first_token_ms: int | None
    total_ms: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: Decimal | None
    currency: str
    is_cached: bool
    is_shared: bool
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHealth:
    """A key as operators see it: what is known for good, and how the last hour went."""

    id: int
    provider: str
    label: str
    fingerprint: str
    state: KeyState
    reason: str
    since: dt.datetime
    weight: int
    calls: int
    succeeded: int
    used_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTag:
    """What a provider charges for a model."""

    provider: str
    model: str
    currency: str
    prompt_per_million: Decimal
    completion_per_million: Decimal


def calls_for_reply(*, conversation: str, reply: str) -> list[CallSummary]:
    """Return the calls made for a reply, oldest first.

    Args:
        conversation: The label the calls carry.
        reply: The label the calls carry, or what comes before its first dot: each attempt at
            a reply has a label of its own, as in ``12.1`` and ``12.2``.
    """
    of_reply = Q(reply=reply) | Q(reply__startswith=f"{reply}.")
    return _summaries(Call.objects.filter(of_reply, conversation=conversation))


def calls_for_conversation(conversation: str) -> list[CallSummary]:
    """Return the calls made for a conversation, oldest first.

    Args:
        conversation: The label the calls carry.
    """
    return _summaries(Call.objects.filter(conversation=conversation))


def keys_health(*, now: dt.datetime | None = None) -> list[KeyHealth]:
    """Return every key that is not retired, by provider and label."""
    used = _used_since((now or timezone.now()) - HEALTH_WINDOW)
    keys = ApiKey.objects.exclude(state=KeyState.RETIRED).select_related("provider")
    return [
        _health(key, used.get((key.provider.slug, key.label), {}))
        for key in keys.order_by("provider__slug", "label")
    ]


def prices(day: dt.date) -> list[PriceTag]:
    """Return the price of every model that has one on that day."""
    return [
        PriceTag(
            provider=price.provider.slug,
            model=model,
            currency=price.currency,
            prompt_per_million=price.prompt_per_million,
            completion_per_million=price.completion_per_million,
        )
        for (_, model), price in prices_on(day).items()
    ]


def default_route() -> tuple[Target, ...]:
    """Return where a prompt goes that names no route of its own; empty if nobody can answer.

    Every active provider with a default model, the oldest first. The sandbox answers only
    where there is no other: what it says to customers of a real shop would be made up.
    """
    rows = Provider.objects.filter(is_active=True).exclude(default_model="").order_by("pk")
    targets = [Target(*row) for row in rows.values_list("slug", "default_model")]
    real = [target for target in targets if target.provider != SANDBOX]
    return tuple(real or targets)


def provider_address(slug: str) -> str:
    """Return the base URL of a provider that is known to routes by ``slug``."""
    return Provider.objects.values_list("base_url", flat=True).get(slug=slug)


def _summaries(calls: QuerySet[Call]) -> list[CallSummary]:
    return [_summary(call) for call in calls.order_by("started_at")]


def _summary(call: Call) -> CallSummary:
    return CallSummary(
        id=str(call.id),
        started_at=call.started_at,
        outcome=call.outcome,
        error_code=call.error_code,
        provider=call.provider,
        model=call.model,
        key_label=call.key_label,
        attempts=call.attempts,
        queue_ms=call.queue_ms,
        first_token_ms=call.first_token_ms,
        total_ms=call.total_ms,
        prompt_tokens=call.prompt_tokens,
        completion_tokens=call.completion_tokens,
        cost=call.cost,
        currency=call.currency,
        is_cached=call.is_cached,
        is_shared=call.is_shared,
        reply=call.reply,
    )


def _used_since(since: dt.datetime) -> dict[tuple[str, str], dict[str, Any]]:
    rows = (
        Call.objects.filter(started_at__gte=since)
        .values("provider", "key_label")
        .annotate(
            calls=Count("pk"),
            succeeded=Count("pk", filter=Q(outcome=Outcome.SUCCEEDED)),
            used_at=Max("started_at"),
        )
        .order_by()
    )
    return {(row["provider"], row["key_label"]): dict(row) for row in rows}


def _health(key: ApiKey, used: dict[str, Any]) -> KeyHealth:
    return KeyHealth(
        id=key.pk,
        provider=key.provider.slug,
        label=key.label,
        fingerprint=key.fingerprint,
        state=KeyState(key.state),
        reason=key.state_reason,
        since=key.state_since,
        weight=key.weight,
        calls=used.get("calls", 0),
        succeeded=used.get("succeeded", 0),
        used_at=used.get("used_at"),
    )
