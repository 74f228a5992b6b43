"""What other floors may read of the gateway, as plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from gateway.configuration import prices_on
from gateway.engine.types import Target
from gateway.models import Call, Provider
from gateway.models.call import Outcome
from gateway.prepared import Select

SANDBOX = "sandbox"

_DEFAULTS = Select(
    lambda: (
        Provider.objects.filter(is_active=True)
        .exclude(default_model="")
        .order_by("pk")
        .values_list("slug", "default_model")
    ),
    Target,
)


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


@dataclass(frozen=True, slots=True)
class ConversationCost:
    """What some calls cost together in one currency; None if of none of them it is known.

    Args:
        cost: The sum of what is known.
        currency: As providers name it.
        has_unknown: Whether there are calls without a known cost besides.
    """

    cost: Decimal | None
    currency: str
    has_unknown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSum:
    """What a conversation has cost with one version of a prompt, in one currency.

    ``amount`` is None where no call has a price; ``unpriced`` counts answers
    that have none.
    """

    conversation: str
    prompt_version: str
    currency: str
    amount: Decimal | None
    unpriced: int


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


def costs_by_conversation(
    *, prompt_versions: Iterable[str], since: dt.datetime, until: dt.datetime
) -> list[CostSum]:
    """Return what each conversation has cost with each of these versions, by currency.

    Args:
        prompt_versions: The label the calls carry.
        since: Calls that began before do not count.
        until: Nor do those from then on.
    """
    rows = (
        Call.objects.filter(
            prompt_version__in=list(prompt_versions), started_at__gte=since, started_at__lt=until
        )
        .exclude(conversation="")
        .values("conversation", "prompt_version", "currency")
        .annotate(
            amount=Sum("cost"), unpriced=Count("pk", filter=Q(cost=None, outcome=Outcome.SUCCEEDED))
        )
        .order_by()
    )
    return [CostSum(**row) for row in rows]


def costs_of_conversations(conversations: Collection[str]) -> dict[str, list[ConversationCost]]:
    """Return what each conversation has cost so far, by one query; a currency each.

    Args:
        conversations: The labels the calls carry; one without calls is not in the answer.
    """
    unpriced = Q(cost=None, outcome=Outcome.SUCCEEDED)
    rows = (
        Call.objects.filter(conversation__in=conversations)
        .values_list("conversation", "currency")
        .annotate(sum=Sum("cost"), unpriced=Count("pk", filter=unpriced))
        .order_by("conversation", "currency")
    )
    costs: dict[str, list[ConversationCost]] = {}
    for conversation, currency, cost, unpriced_calls in rows:
        if unpriced_calls or cost is not None:
            costs.setdefault(conversation, []).append(
                ConversationCost(cost, currency, unpriced_calls > 0)
            )
    return costs


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
    targets = _DEFAULTS.rows()
    real = [target for target in targets if target.provider != SANDBOX]
    return tuple(real or targets)


def context_sizes(providers: Collection[str]) -> dict[str, int]:
    """Return how many tokens the models of these providers take, by slug, where that is known."""
    known = Provider.objects.filter(slug__in=providers, context_tokens__isnull=False)
    return {slug: int(size or 0) for slug, size in known.values_list("slug", "context_tokens")}


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
