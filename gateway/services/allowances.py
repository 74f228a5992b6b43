"""What operators do with limits, budgets and prices.

Running gateways notice every change within two seconds.
"""

from __future__ import annotations

import logging
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import transaction

from gateway.models import Budget, Limit, Price

logger = logging.getLogger(__name__)

Row = TypeVar("Row", Limit, Budget, Price)


@transaction.atomic
def limit_save(*, limit: Limit, by: User | None = None) -> Limit:
    """Set what a scope may ask for.

    Raises:
        ValidationError: It limits nothing that could be limited, or the scope has a limit already.
    """
    return _save(limit, by)


@transaction.atomic
def budget_save(*, budget: Budget, by: User | None = None) -> Budget:
    """Set what a widget or a customer may cost a day.

    Raises:
        ValidationError: It bounds nothing, or the scope has a budget already.
    """
    return _save(budget, by)


@transaction.atomic
def price_save(*, price: Price, by: User | None = None) -> Price:
    """Say what a model costs from a day on; calls that were made before keep their cost.

    Raises:
        ValidationError: It is no price, or that day has one already.
    """
    return _save(price, by)


@transaction.atomic
def allowance_delete(*, row: Limit | Budget | Price, by: User | None = None) -> None:
    """Take a limit, a budget or a price away."""
    name = str(row)
    row.delete()
    logger.info("%s %s was deleted by %s.", _kind(row), name, by or "the site itself")


def _save(row: Row, by: User | None) -> Row:
    row.full_clean()
    row.save()
    logger.info("%s %s was saved by %s.", _kind(row), row, by or "the site itself")
    return row


def _kind(row: Limit | Budget | Price) -> str:
    return type(row).__name__
