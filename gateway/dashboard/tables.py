"""The dashboard's tables: each provider, key, model, widget and version, errors, failed calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Sum
from django.urls import reverse
from django.utils.safestring import SafeString

from gateway.admin.key_view import meters
from gateway.admin.key_words import key_state_cell
from gateway.admin_parts import cells
from gateway.dashboard import words
from gateway.dashboard.labels import link_of, names_of
from gateway.figures.reading import Sums
from gateway.figures.tally import Facet
from gateway.fullness import fullness_of
from gateway.models import ApiKey, Budget, Call, Provider
from gateway.models.allowance import EACH, Scope
from gateway.models.call import Outcome
from gateway.models.provider import KeyState
from gateway.traffic import rests_by_key

MOST_ROWS = 20
MOST_FAILURES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One name with its figures, every cell ready to be shown."""

    name: str
    url: str = ""
    state: SafeString | str = ""
    calls: str
    success: str
    p50: str
    p95: str
    first_token: str
    tokens: str
    cost: str
    attempts: str = ""
    limits: tuple[SafeString, ...] = ()
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How often something happened, of all that happened."""

    name: str
    count: int
    total: int

    @property
    def words(self) -> str:
        """The share in percent."""
        return words.percent(self.count / self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call that failed, without a word of anybody's."""

    url: str
    at: datetime
    code: str
    status: str
    target: str
    key: str
    attempts: int
    conversation: str
    conversation_url: str


@dataclass(frozen=True, slots=True)
class Spending:
    """A daily budget and how much of it is used."""

    name: str
    meter: SafeString


def provider_rows(sums: Mapping[Facet, Mapping[str, Sums]], now: datetime) -> list[Row]:
    """Return every active provider with its keys below it, also those that did nothing."""
    found = []
    keys = ApiKey.objects.exclude(state=KeyState.RETIRED).order_by("label")
    for provider in Provider.objects.filter(is_active=True).order_by("slug"):
        own = list(keys.filter(provider=provider))
        fullness, rests = fullness_of(provider, own, now), rests_by_key(provider.slug, now)
        figures = sums[Facet.PROVIDER].get(provider.slug, Sums())
        found.append(
            _row(
                provider.name,
                figures,
                url=reverse("admin:gateway_provider_change", args=[provider.pk]),
                attempts=_attempts(figures),
                limits=tuple(meters(fullness.provider)),
            )
        )
        for key in own:
            figures = sums[Facet.KEY].get(f"{provider.slug}/{key.label}", Sums())
            found.append(
                _row(
                    key.label,
                    figures,
                    url=reverse("admin:gateway_apikey_change", args=[key.pk]),
                    state=key_state_cell(key, rests.get(key.label)),
                    attempts=_attempts(figures),
                    limits=tuple(meters(fullness.keys.get(key.label, ()))),
                    is_key=True,
                )
            )
    return found


def name_rows(facet: Facet, sums: Mapping[str, Sums]) -> list[Row]:
    """Return the busiest names of a facet, the busiest first."""
    busiest = sorted(sums.items(), key=lambda pair: (-pair[1].calls, pair[0]))[:MOST_ROWS]
    names = names_of(facet, [name for name, _ in busiest])
    return [_row(names[name], figures) for name, figures in busiest]


def shares(counts: Mapping[str, int]) -> list[Share]:
    """Return what happened, the most frequent first."""
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Share(name, count, total) for name, count in ordered if count][:MOST_ROWS]


def failures(since: datetime, user: User | AnonymousUser) -> list[Failure]:
    """Return the calls that failed last; a conversation is a link for those who may read it."""
    failed = Call.objects.filter(outcome=Outcome.FAILED, started_at__gte=since)
    return [
        Failure(
            url=reverse("admin:gateway_call_change", args=[call.pk]),
            at=call.started_at,
            code=call.error_code,
            status=cells.UNKNOWN if call.provider_status is None else str(call.provider_status),
            target=f"{call.provider} · {call.model}" if call.provider else cells.UNKNOWN,
            key=call.key_label or cells.UNKNOWN,
            attempts=len(call.attempts),
            conversation=call.conversation,
            conversation_url=link_of("conversation", call.conversation, user),
        )
        for call in failed.order_by("-started_at")[:MOST_FAILURES]
    ]


def budget_rows(now: datetime) -> list[Spending]:
    """Return what each widget has spent today of its budget; the day is UTC's, as budgets' is."""
    budgets = {
        row.subject: row for row in Budget.objects.filter(kind=Scope.WIDGET, money__isnull=False)
    }
    if not budgets:
        return []
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    spent = (
        Call.objects.filter(started_at__gte=today, spent_cost__isnull=False)
        .exclude(widget="")
        .values_list("widget", "currency")
        .annotate(money=Sum("spent_cost"))
        .order_by("widget")
    )
    rows = [
        (widget, budget, money)
        for widget, currency, money in spent
        if (budget := budgets.get(widget) or budgets.get(EACH)) and budget.currency == currency
    ]
    names = names_of(Facet.WIDGET, [widget for widget, _, _ in rows])
    return [Spending(names[widget], _meter(budget, money)) for widget, budget, money in rows]


def _meter(budget: Budget, money: object) -> SafeString:
    spent, allowed = float(str(money)), float(budget.money or 0)
    told = f"{spent:.2f} / {allowed:.2f} {budget.currency}"
    # In thousandths: the meter counts whole things.
    return cells.meter_cell(round(spent * 1000), max(round(allowed * 1000), 1), told)


def _row(name: str, figures: Sums, **more: object) -> Row:
    return Row(
        name=name,
        calls=words.count(figures.calls),
        success=words.percent(figures.success_rate),
        p50=words.duration(figures.total_times.percentile(0.5)),
        p95=words.duration(figures.total_times.percentile(0.95)),
        first_token=words.duration(figures.first_times.percentile(0.95)),
        tokens=words.count(figures.tokens),
        cost=words.costs(figures.costs),
        **more,  # type: ignore[arg-type]  # the few fields that some rows lack
    )


def _attempts(figures: Sums) -> str:
    failed = words.percent(figures.faults / figures.attempts) if figures.attempts else ""
    return (
        f"{words.count(figures.attempts)} ({failed})"
        if figures.faults
        else words.count(figures.attempts)
    )


def counts_of(sums: Mapping[str, Sums], read: str) -> dict[str, int]:
    """Return one count of each name."""
    return {name: getattr(figures, read) for name, figures in sums.items()}
