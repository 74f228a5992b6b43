"""What was spent today, as the calls in the database tell it: the truth behind every budget.

Memory only counts ahead of it. A process that restarts, or a Redis that was flushed, therefore
forgives nothing; the only thing lost with a process is what its calls under way would have cost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal

from django.db import InterfaceError, OperationalError
from django.db.models import Q, Sum

from gateway.db import db
from gateway.engine.budgets import Spent
from gateway.models import Call
from gateway.models.allowance import Scope

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.5

# The columns of a call that name whom a budget may count.
COLUMNS = {Scope.WIDGET: "widget", Scope.CUSTOMER: "customer"}


class Spending:
    """Tells budgets what was spent; while the database is away a call waits, up to its deadline.

    Args:
        sleep: How to wait before the database is asked again.
    """

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep

    async def spent(self, scope: str, currency: str, since: float) -> Spent:
        """Keep the promise of the engine's ``Ledger``."""
        is_failing = False
        while True:
            try:
                return await db(spent_since, scope, currency, datetime.fromtimestamp(since, UTC))
            except (OperationalError, InterfaceError) as fault:
                if not is_failing:
                    logger.warning("A budget waits for the database: %s.", type(fault).__name__)
                is_failing = True
                await self._sleep(RETRY_SECONDS)


def spent_since(scope: str, currency: str, since: datetime) -> Spent:
    """Return what a scope (``widget:7``) has spent since a time.

    Args:
        scope: Kind and name.
        currency: Costs in any other do not count.
        since: A call counts on the day on which it began.
    """
    kind, _, name = scope.partition(":")
    calls = Call.objects.filter(**{COLUMNS[Scope(kind)]: name}, started_at__gte=since)
    sums = calls.aggregate(
        tokens=Sum("spent_tokens"), money=Sum("spent_cost", filter=Q(currency=currency))
    )
    return Spent(float(sums["tokens"] or 0), sums["money"] or Decimal(0))
