"""Budgets whose truth is the database: a restart or a flush of Redis forgives nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.utils import timezone

from gateway.db import db
from gateway.engine.budgets import Budget, Budgets, Hold, Spent
from gateway.engine.errors import LimitedError
from gateway.models import Call
from gateway.stores import spending
from gateway.stores.spending import Spending, spent_since

pytestmark = pytest.mark.django_db(transaction=True)

MIDNIGHT = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def write(tokens: int, *, days_ago: int = 0, **fields: object) -> Call:
    return Call.objects.create(
        **{"outcome": "succeeded", "widget": "7", "customer": "c", **fields},
        spent_tokens=tokens,
        started_at=timezone.now() - timedelta(days=days_ago),
    )


def of_widget(limit: int) -> Budgets:
    return Budgets(Spending(), {"widget": Budget(tokens=limit)})


async def hold(budgets: Budgets, tokens: float) -> Hold:
    return await budgets.hold({"widget": "7", "customer": "c"}, tokens, None, "")


def test_it_sums_what_the_scope_itself_has_spent_today() -> None:
    write(30, spent_cost=Decimal("0.25"), currency="USD")
    write(12, spent_cost=Decimal("9.00"), currency="EUR")
    write(5)
    write(500, widget="8", customer="d")
    write(500, days_ago=1)
    assert spent_since("widget:7", "USD", MIDNIGHT) == Spent(47.0, Decimal("0.25"))
    assert spent_since("customer:c", "EUR", MIDNIGHT) == Spent(47.0, Decimal(9))
    assert spent_since("customer:nobody", "USD", MIDNIGHT) == Spent()


async def test_a_budget_that_was_spent_before_a_restart_is_spent_after_it() -> None:
    await db.write(write, 95)
    restarted = of_widget(100)
    await hold(restarted, 5)
    with pytest.raises(LimitedError):
        await hold(restarted, 1)


async def test_a_hundred_calls_at_the_limit_spend_no_more_than_is_left() -> None:
    await db.write(write, 900)
    budgets = of_widget(1000)
    outcomes = await asyncio.gather(
        *(hold(budgets, 10) for _ in range(100)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Hold) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, LimitedError) for outcome in outcomes) == 90


async def test_a_call_waits_for_the_database_instead_of_forgiving_or_failing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, slept = [], []

    def once_away(scope: str, currency: str, since: datetime) -> Spent:
        asked.append((scope, currency, since))
        if len(asked) == 1:
            raise OperationalError
        return Spent(7.0)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(spending, "spent_since", once_away)
    assert await Spending(sleep=sleep).spent("widget:7", "USD", 86_400.0) == Spent(7.0)
    assert asked[0] == ("widget:7", "USD", datetime.fromtimestamp(86_400, UTC))
    assert slept == [spending.RETRY_SECONDS]
