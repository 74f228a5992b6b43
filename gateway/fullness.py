"""How full the limits of a provider, its models and its keys are, over all processes.

The truth is what the ledger holds of the last minute and what the processes said in their last
heartbeats; the buckets themselves live in memory or Redis, refill by the second, and are not
asked: a page about a crowded gateway must not wait for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from gateway.allowances import Allowances, allowances_read
from gateway.engine.limits import Limit
from gateway.models import ApiKey, Call, Provider
from gateway.models.allowance import Scope
from gateway.processes import heartbeats

WINDOW = timedelta(minutes=1)
# More calls than this in a minute fill any meter.
MAX_CALLS = 20_000


class Measure(StrEnum):
    """What a limit counts."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Fill:
    """How much of one limit is used: in the last minute, or of answers right now."""

    measure: Measure
    used: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Fullness:
    """A provider's limits; what has none is not there, or is empty."""

    provider: tuple[Fill, ...] = ()
    models: dict[str, tuple[Fill, ...]] = field(default_factory=dict)
    keys: dict[str, tuple[Fill, ...]] = field(default_factory=dict)


Place: TypeAlias = tuple[Scope, str]
"""A key by its label, a model by its name, or (under "") the provider."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What went to one provider, by place."""

    requests: Counter[Place] = field(default_factory=Counter)
    tokens: Counter[Place] = field(default_factory=Counter)


def fullness_of(provider: Provider, keys: Iterable[ApiKey], now: datetime) -> Fullness:
    """Return how full the limits are that hold back calls to a provider.

    Args:
        provider: Whose limits.
        keys: Of this provider; each is answered for under its label.
        now: The end of the minute that counts.
    """
    allowances = allowances_read()
    limits = dict(_limits(allowances, provider, keys))
    if not limits:
        return Fullness()
    usage = usage_count(provider.slug, _calls(now))
    answers = _answers(provider.slug, now)
    by_kind: dict[Scope, dict[str, tuple[Fill, ...]]] = defaultdict(dict)
    for place, limit in limits.items():
        kind, name = place
        by_kind[kind][name] = tuple(_fills(limit, usage, answers, place))
    return Fullness(
        provider=by_kind[Scope.PROVIDER].get("", ()),
        models=by_kind[Scope.MODEL],
        keys=by_kind[Scope.KEY],
    )


def usage_count(
    provider: str, calls: Iterable[tuple[list[dict[str, object]], int, str, str]]
) -> Usage:
    """Count what calls took from a provider's buckets.

    Args:
        provider: The slug.
        calls: For each its attempts, the tokens it spent, and the provider and key it ended with.
    """
    usage = Usage()
    for attempts, tokens, last_provider, last_key in calls:
        ours = [each for each in attempts if each["provider"] == provider and each["key"]]
        for each in ours:
            for place in _places(str(each["key"]), str(each["model"])):
                usage.requests[place] += 1
        if ours and last_provider == provider:
            for place in _places(last_key, str(ours[-1]["model"])):
                usage.tokens[place] += tokens
    return usage


def _limits(
    allowances: Allowances, provider: Provider, keys: Iterable[ApiKey]
) -> Iterator[tuple[Place, Limit]]:
    own = allowances.limit(Scope.PROVIDER, provider.slug)
    if own:
        yield (Scope.PROVIDER, ""), own
    for model, limit in allowances.model_limits(provider.slug).items():
        yield (Scope.MODEL, model), limit
    for key in keys:
        of_key = allowances.limit(Scope.KEY, str(key.pk))
        if of_key:
            yield (Scope.KEY, key.label), of_key


def _fills(limit: Limit, usage: Usage, answers: Counter[Place], place: Place) -> Iterator[Fill]:
    # A running answer has taken its request, and reaches the ledger when it ends.
    running = answers[place]
    if limit.requests:
        allowed = round(limit.requests.per_second * 60)
        yield Fill(Measure.REQUESTS, usage.requests[place] + running, allowed)
    if limit.tokens:
        allowed = round(limit.tokens.per_second * 60)
        yield Fill(Measure.TOKENS, usage.tokens[place], allowed)
    if limit.concurrency is not None and place[0] is not Scope.MODEL:
        # Which model an answer that is being given comes from no heartbeat says.
        yield Fill(Measure.ANSWERS, running, limit.concurrency)


def _calls(now: datetime) -> Iterable[tuple[list[dict[str, object]], int, str, str]]:
    recent = Call.objects.filter(started_at__gte=now - WINDOW, started_at__lte=now)
    return recent.values_list("attempts", "spent_tokens", "provider", "key_label")[:MAX_CALLS]


def _answers(provider: str, now: datetime) -> Counter[Place]:
    running: Counter[Place] = Counter()
    for beat in heartbeats(now):
        for (owner, label), count in beat.answers.items():
            if owner == provider:
                running[Scope.KEY, label] += count
                running[Scope.PROVIDER, ""] += count
    return running


def _places(key: str, model: str) -> tuple[Place, ...]:
    return (Scope.KEY, key), (Scope.MODEL, model), (Scope.PROVIDER, "")
