"""Everything the dashboard shows, read once and put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.contrib.auth.models import AnonymousUser, User
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gateway.admin_parts import cells
from gateway.dashboard import words
from gateway.dashboard.chart import Kind
from gateway.dashboard.panels import PLANS, Line, Panel, Plan, panel_draw, panel_of
from gateway.dashboard.tables import (
    Failure,
    Row,
    Share,
    Spending,
    budget_rows,
    counts_of,
    failures,
    name_rows,
    provider_rows,
    shares,
)
from gateway.figures.reading import (
    Stretch,
    Sums,
    stretch_of,
    sums_by_day,
    sums_by_name,
    sums_by_step,
)
from gateway.figures.tally import Facet
from gateway.processes import Heartbeat, heartbeats

ALARMING_RATE = 0.95
POOR_RATE = 0.99
COST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """A range that can be chosen."""

    length: timedelta
    step: timedelta
    words: str | Promise


SPANS: Final[Mapping[str, Span]] = MappingProxyType(
    {
        "15m": Span(timedelta(minutes=15), timedelta(minutes=1), gettext_lazy("15 minutes")),
        "1h": Span(timedelta(hours=1), timedelta(minutes=1), gettext_lazy("1 hour")),
        "6h": Span(timedelta(hours=6), timedelta(minutes=5), gettext_lazy("6 hours")),
        "24h": Span(timedelta(hours=24), timedelta(minutes=15), gettext_lazy("24 hours")),
        "7d": Span(timedelta(days=7), timedelta(hours=2), gettext_lazy("7 days")),
        "30d": Span(timedelta(days=30), timedelta(hours=12), gettext_lazy("30 days")),
    }
)
DEFAULT_SPAN: Final = "1h"


@dataclass(frozen=True, slots=True)
class Tile:
    """One number that matters.

    Args:
        tone: One of the tones of ``gateway.admin_parts.cells``.
    """

    figure: str
    title: str
    text: str = ""
    tone: str = cells.QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The page's content; ``is_empty`` is the first day, when nothing was ever asked."""

    is_empty: bool
    tiles: Sequence[Tile]
    panels: Sequence[Panel]
    providers: Sequence[Row]
    tables: Sequence[tuple[str, str, Sequence[Row]]]
    errors: Sequence[Share]
    troubles: Sequence[Share]
    failures: Sequence[Failure]
    budgets: Sequence[Spending]
    dropped: str


def board_read(span: Span, now: datetime, user: User | AnonymousUser) -> Board:
    """Return how the gateway does now, and did over a span of time."""
    stretch = stretch_of(span.length, span.step, now)
    steps = sums_by_step(stretch)
    sums = sums_by_name(stretch, list(Facet))
    total = sums[Facet.ALL].get("", Sums())
    days = sums_by_day(max(COST_DAYS, span.length.days), now)
    return Board(
        is_empty=not total.calls and not any(each.calls for each in days.values()),
        tiles=[*_past(total, stretch), *_present(heartbeats(now), list(days.values())[-1])],
        panels=[*(panel_draw(plan, stretch, steps) for plan in PLANS), *_cost_panels(days)],
        providers=provider_rows(sums, now),
        tables=[
            ("models", _("Models"), name_rows(Facet.MODEL, sums[Facet.MODEL])),
            ("widgets", _("Widgets"), name_rows(Facet.WIDGET, sums[Facet.WIDGET])),
            ("versions", _("Prompt versions"), name_rows(Facet.VERSION, sums[Facet.VERSION])),
        ],
        errors=shares(counts_of(sums[Facet.ERROR], "calls")),
        troubles=shares(counts_of(sums[Facet.TROUBLE], "faults")),
        failures=failures(stretch.since, user),
        budgets=budget_rows(now),
        dropped=_dropped(total.dropped),
    )


def _past(total: Sums, stretch: Stretch) -> Iterator[Tile]:
    rate = total.success_rate
    yield Tile(
        words.percent(rate),
        _("Succeeded"),
        ngettext("%(count)s call failed", "%(count)s calls failed", total.failed)
        % {"count": words.count(total.failed)},
        _tone(rate),
    )
    yield Tile(
        words.duration(total.total_times.percentile(0.5)),
        _("Median response time"),
        _("mean %(mean)s · p95 %(p95)s · p99 %(p99)s")
        % {
            "mean": words.duration(total.mean_ms),
            "p95": words.duration(total.total_times.percentile(0.95)),
            "p99": words.duration(total.total_times.percentile(0.99)),
        },
    )
    yield Tile(
        words.duration(total.first_times.percentile(0.5)),
        _("Median time to first token"),
        _("p95 %(p95)s") % {"p95": words.duration(total.first_times.percentile(0.95))},
    )
    yield Tile(
        words.rate(total.calls / stretch.minutes),
        _("Calls a minute"),
        _("%(count)s in all") % {"count": words.count(total.calls)},
    )
    yield Tile(
        words.rate(total.tokens / stretch.minutes),
        _("Tokens a minute"),
        _("%(prompt)s of prompts, %(answer)s of answers")
        % {
            "prompt": words.count(total.prompt_tokens),
            "answer": words.count(total.completion_tokens),
        },
    )
    yield from _past_waits(total)


def _past_waits(total: Sums) -> Iterator[Tile]:
    yield Tile(
        words.count(total.waited_chat + total.waited_batch),
        _("Waited in queue"),
        _("chat %(chat)s · batch %(batch)s on average")
        % {
            "chat": _mean(total.wait_chat_ms, total.waited_chat),
            "batch": _mean(total.wait_batch_ms, total.waited_batch),
        },
    )
    yield Tile(
        words.percent(total.hit_rate),
        _("Answered without a call"),
        _("%(cached)s from memory, %(shared)s shared")
        % {"cached": words.count(total.cached), "shared": words.count(total.shared)},
    )


def _present(beats: Sequence[Heartbeat], today: Sums) -> Iterator[Tile]:
    answers = sum(sum(beat.answers.values()) for beat in beats)
    yield Tile(
        words.count(answers),
        _("Answers being given now"),
        ngettext("in %(count)d process", "in %(count)d processes", len(beats))
        % {"count": len(beats)},
    )
    yield Tile(words.count(sum(beat.sockets for beat in beats)), _("Chats open now"))
    yield Tile(
        words.costs(today.costs),
        _("Spent today"),
        ngettext(
            "%(count)s answer of unknown price",
            "%(count)s answers of unknown price",
            today.unpriced,
        )
        % {"count": words.count(today.unpriced)}
        if today.unpriced
        else _("since midnight, UTC"),
    )


def _cost_panels(days: Mapping[datetime, Sums]) -> Iterator[Panel]:
    """Return a chart for each currency; none if nothing that was spent is known."""
    currencies = sorted({currency for sums in days.values() for currency in sums.costs})
    for currency in currencies:
        spent = [float(sums.costs.get(currency, Decimal(0))) for sums in days.values()]
        plan = Plan(
            f"cost-{currency.lower()}",
            _("Cost a day, %(currency)s") % {"currency": currency},
            Kind.BARS,
            lambda value: f"{value:.2f}",
            (Line("first", currency, lambda _sums, _minutes: None),),
        )
        yield panel_of(plan, timedelta(days=1), list(days), [spent])


def _dropped(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(count)s call could not be written down and is missing here.",
        "%(count)s calls could not be written down and are missing here.",
        count,
    ) % {"count": words.count(count)}


def _mean(milliseconds: int, count: int) -> str:
    return words.duration(milliseconds / count if count else None)


def _tone(rate: float | None) -> str:
    if rate is None or rate >= POOR_RATE:
        return cells.QUIET
    return cells.WARNING if rate >= ALARMING_RATE else cells.BAD
