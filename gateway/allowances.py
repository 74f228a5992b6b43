"""What operators allow, read from the database in the engine's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.engine.budgets import Budget
from gateway.engine.limits import Limit, Rate
from gateway.models import Budget as BudgetRow
from gateway.models import Limit as LimitRow
from gateway.models.allowance import EACH, Scope

# The engine looks these up by the scopes that a request carries.
CALLERS = (Scope.WIDGET, Scope.CUSTOMER, Scope.ADDRESS)


@dataclass(frozen=True, slots=True)
class Allowances:
    """All limits and budgets, comparable.

    Args:
        limits: Kind, subject, and what it is allowed.
        budgets: As above.
    """

    limits: tuple[tuple[str, str, Limit], ...] = ()
    budgets: tuple[tuple[str, str, Budget], ...] = ()

    def limit(self, kind: Scope, subject: str) -> Limit | None:
        """Return what one subject is allowed: its own limit, else that of each of its kind."""
        known = {
            row_subject: limit for row_kind, row_subject, limit in self.limits if row_kind == kind
        }
        return known.get(subject) or known.get(EACH)

    def model_limits(self, provider: str) -> Mapping[str, Limit]:
        """Return the limits of a provider's models, by model; one that is not there has none."""
        names = {subject: limit for kind, subject, limit in self.limits if kind == Scope.MODEL}
        own = {
            subject.removeprefix(f"{provider}/"): limit
            for subject, limit in names.items()
            if subject.startswith(f"{provider}/")
        }
        return MappingProxyType(own)

    def caller_limits(self) -> dict[str, Limit]:
        """Return the limits of widgets, customers and addresses as the engine looks them up."""
        return {
            _name(kind, subject): limit for kind, subject, limit in self.limits if kind in CALLERS
        }

    def daily_budgets(self) -> dict[str, Budget]:
        """Return the budgets as the engine looks them up."""
        return {_name(kind, subject): budget for kind, subject, budget in self.budgets}


def allowances_read() -> Allowances:
    """Return every limit and budget as it is now."""
    return Allowances(
        limits=tuple(
            (row.kind, row.subject, _limit(row)) for row in LimitRow.objects.order_by("pk")
        ),
        budgets=tuple(
            (row.kind, row.subject, Budget(row.tokens, row.money, row.currency))
            for row in BudgetRow.objects.order_by("pk")
        ),
    )


def _limit(row: LimitRow) -> Limit:
    requests, tokens = row.requests_per_minute, row.tokens_per_minute
    return Limit(
        requests=Rate.per_minute(requests, row.burst) if requests else None,
        tokens=Rate.per_minute(tokens) if tokens else None,
        concurrency=row.concurrency,
    )


def _name(kind: str, subject: str) -> str:
    return kind if subject == EACH else f"{kind}:{subject}"
