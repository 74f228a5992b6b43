"""How each rule's subjects look now, as the database tells it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.db.models import Sum
from django.utils import timezone

from gateway.alerts.machine import Look
from gateway.attention import NEEDS_SOMEBODY, due_of
from gateway.figures.reading import stretch_of, sums_by_name
from gateway.figures.tally import Facet
from gateway.models import AlertRule, ApiKey, Budget, Call, Provider
from gateway.models.alert import AlertKind
from gateway.models.allowance import EACH, Scope
from gateway.models.provider import KeyState
from gateway.processes import heartbeats
from gateway.subjects import subjects

WINDOW: Final = timedelta(minutes=10)
MIN_FAILED = 5  # a quiet night with one failure is no alarm
MARGIN = 1  # percent points above or below the threshold that are neither good nor bad


@dataclass(frozen=True, slots=True)
class Reading:
    """One subject at one moment.

    Args:
        subject: By which it is found again.
        name: By which people know it.
        value: What is compared with the threshold; None where nothing is.
    """

    subject: str
    name: str
    look: Look
    value: float | None = None


def readings(rule: AlertRule, now: datetime) -> list[Reading]:
    """Return how everything looks that a rule is about."""
    return list(_READ[AlertKind(rule.kind)](rule.threshold, now))


def success_look(succeeded: int, failed: int, threshold: float) -> Look:
    """Return how a share of successes looks; ``threshold`` is in percent."""
    if succeeded + failed == 0:
        return Look.UNSURE
    percent = 100 * succeeded / (succeeded + failed)
    if percent < threshold:
        return Look.BAD if failed >= MIN_FAILED else Look.UNSURE
    return Look.GOOD if percent >= min(threshold + MARGIN, 100) else Look.UNSURE


def spent_look(percent: float, threshold: float) -> Look:
    """Return how a budget looks of which so much is spent."""
    if percent >= threshold:
        return Look.BAD
    return Look.UNSURE if percent > threshold - MARGIN else Look.GOOD


def _success(threshold: int, now: datetime) -> Iterator[Reading]:
    stretch = stretch_of(WINDOW, timedelta(minutes=1), now)
    sums = sums_by_name(stretch, [Facet.ALL])[Facet.ALL].get("")
    succeeded, failed = (sums.succeeded, sums.failed) if sums else (0, 0)
    ended = succeeded + failed
    value = round(100 * succeeded / ended, 1) if ended else None
    yield Reading("", "", success_look(succeeded, failed, threshold), value)


def _keys_due(threshold: int, now: datetime) -> Iterator[Reading]:
    today = timezone.localdate(now)
    serving = ApiKey.objects.filter(state=KeyState.ACTIVE, provider__is_active=True)
    for key in serving.select_related("provider").order_by("pk"):
        due = due_of(key)
        if due is None:
            continue
        days = (due.on - today).days
        look = Look.BAD if days <= threshold else Look.GOOD
        yield Reading(str(key.pk), f"{key.label} ({key.provider.name})", look, days)


def _budgets(threshold: int, now: datetime) -> Iterator[Reading]:
    """Yield each widget that has spent something today and has a budget; customers are many."""
    budgets = {row.subject: row for row in Budget.objects.filter(kind=Scope.WIDGET)}
    if not budgets:
        return
    names = subjects(Scope.WIDGET)
    for widget, spent in _spent_today(now).items():
        budget = budgets.get(widget) or budgets.get(EACH)
        if budget is not None:
            percent = _percent(budget, spent)
            look = spent_look(percent, threshold)
            yield Reading(widget, names.get(widget, widget), look, round(percent, 1))


def _percent(budget: Budget, spent: Mapping[str, tuple[int, Decimal]]) -> float:
    tokens = sum(tokens for tokens, _ in spent.values())
    money = spent.get(budget.currency, (0, Decimal(0)))[1]
    shares = [tokens / budget.tokens if budget.tokens else 0.0]
    if budget.money is not None:
        shares.append(float(money / budget.money) if budget.money else float(money > 0))
    return 100 * max(shares)


def _spent_today(now: datetime) -> dict[str, dict[str, tuple[int, Decimal]]]:
    """Return tokens and money by widget and currency; the day is UTC's, as budgets' is."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Call.objects.filter(started_at__gte=today)
        .exclude(widget="")
        .values_list("widget", "currency")
        .annotate(tokens=Sum("spent_tokens"), money=Sum("spent_cost"))
        .order_by("widget")
    )
    found: dict[str, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    for widget, currency, tokens, money in rows:
        found[widget][currency] = (tokens or 0, money or Decimal(0))
    return found


def _resting(_threshold: int, now: datetime) -> Iterator[Reading]:
    """Yield each provider with keys that should serve; one whose keys are paused is not meant."""
    beats = heartbeats(now)
    rests = [beat.resting(now) for beat in beats]
    for provider in Provider.objects.filter(is_active=True).order_by("slug"):
        keys = list(provider.keys.filter(state__in=(KeyState.ACTIVE, *NEEDS_SOMEBODY)))
        if not keys:
            continue
        is_awake = any(
            key.state == KeyState.ACTIVE
            and not (rests and all((provider.slug, key.label) in rest for rest in rests))
            for key in keys
        )
        yield Reading(provider.slug, provider.name, Look.GOOD if is_awake else Look.BAD)


_READ: Mapping[AlertKind, Callable[[int, datetime], Iterator[Reading]]] = MappingProxyType(
    {
        AlertKind.SUCCESS: _success,
        AlertKind.KEY_DUE: _keys_due,
        AlertKind.BUDGET: _budgets,
        AlertKind.RESTING: _resting,
    }
)
