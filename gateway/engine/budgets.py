"""Daily budgets in tokens or money, for widgets and customers.

What was spent is known outside (in the database); here calls under way, and those that have ended
but may not be written down yet, are counted ahead of it. Each of N processes grants itself at most
1/N of what is left, so that together they cannot overspend, though they never talk.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Protocol, TypeAlias

from gateway.engine.errors import LimitedError

DAY_SECONDS: Final = 86_400.0
MIN_SWEEP: Final = 10_000  # fewer accounts than this are not worth sweeping
_NOTHING: Final = Decimal(0)

Touched: TypeAlias = "list[tuple[str, Budget]]"
"""Scopes with the budgets that a call touches."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one scope may spend from midnight to midnight, UTC; None is no bound.

    Args:
        tokens: Prompt and completion together.
        money: In ``currency``; calls whose price is unknown, or in another currency, cost none.
    """

    tokens: int | None = None
    money: Decimal | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Spent:
    """What was, or may be, spent."""

    tokens: float = 0.0
    money: Decimal = _NOTHING

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.tokens + other.tokens, self.money + other.money)


class Ledger(Protocol):
    """Whoever knows what was really spent."""

    async def spent(self, scope: str, currency: str, since: float) -> Spent:
        """Return what a scope (``widget:7``) has spent since a time, in seconds since the epoch."""
        ...


@dataclass(frozen=True, slots=True)
class Hold:
    """What one call may spend, until it is settled.

    Args:
        tokens: In every budget it touches.
        money: By scope; nothing where the budget counts another currency.
    """

    tokens: float
    money: Mapping[str, Decimal]


@dataclass(slots=True)
class _Account:
    """One scope's day.

    Args:
        written: What the ledger said at ``read_at``.
        calls: How many stand between asking and settlement.
        ended: Calls that ended lately, with the time: the ledger may not have them yet.
    """

    day: float = -1.0
    written: Spent = field(default_factory=Spent)
    read_at: float = float("-inf")
    calls: int = 0
    held: Spent = field(default_factory=Spent)
    ended: deque[tuple[float, Spent]] = field(default_factory=deque)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class Budgets:
    """Keeps scopes within their budgets.

    Args:
        ledger: Who knows what was spent.
        budgets: By scope (``widget:7``) or, for all others of a kind, by kind (``widget``).
        processes: How many share the budgets.
        wall: Seconds since the epoch.
        read_seconds: How old what the ledger said may be.
        lag_seconds: How long a call that has ended may take to reach the ledger.
    """

    def __init__(
        self,
        ledger: Ledger,
        budgets: Mapping[str, Budget],
        *,
        processes: Callable[[], int] = lambda: 1,
        wall: Callable[[], float] = time.time,
        read_seconds: float = 2.0,
        lag_seconds: float = 5.0,
    ) -> None:
        self._ledger = ledger
        self.budgets = budgets
        self._processes = processes
        self._wall = wall
        self._read_seconds = read_seconds
        self._lag_seconds = lag_seconds
        self._accounts: dict[str, _Account] = {}
        self._sweep_at = MIN_SWEEP

    async def hold(
        self, scopes: Mapping[str, str], tokens: float, cost: Decimal | None, currency: str
    ) -> Hold:
        """Set aside what a call may spend, in every budget it touches or in none.

        Args:
            scopes: Of the call, by kind.
            tokens: What it may use at most.
            cost: What that would cost, if the price is known.
            currency: Of ``cost``.

        Raises:
            LimitedError: One budget cannot bear it; it says when the next day begins.
        """
        touched = [
            (scope, budget)
            for kind, name in scopes.items()
            if (budget := self.budgets.get(scope := f"{kind}:{name}") or self.budgets.get(kind))
        ]
        if len(self._accounts) >= self._sweep_at:
            self._sweep()
        for scope, _ in touched:
            self._accounts.setdefault(scope, _Account()).calls += 1
        try:
            for scope, budget in touched:
                await self._read(self._accounts[scope], scope, budget)
            # From here on nothing waits, so that no other call can come in between.
            return self._hold(touched, tokens, cost, currency)
        except BaseException:
            for scope, _ in touched:
                self._accounts[scope].calls -= 1
            raise

    def settle(self, hold: Hold, tokens: float, cost: Decimal | None) -> None:
        """Replace what was set aside by what the call really spent.

        Args:
            hold: What was set aside.
            tokens: What was used.
            cost: What that cost, in the currency of the hold; None if nobody knows.
        """
        now = self._wall()
        for scope, held in hold.money.items():
            account = self._accounts[scope]
            account.calls -= 1
            account.held += Spent(-hold.tokens, -held)
            spent = Spent(tokens, cost if cost is not None and held else _NOTHING)
            if spent != Spent():
                account.ended.append((now, spent))

    def _hold(self, touched: Touched, tokens: float, cost: Decimal | None, currency: str) -> Hold:
        money = {
            scope: cost if cost is not None and currency == budget.currency else _NOTHING
            for scope, budget in touched
        }
        for scope, budget in touched:
            if not self._bears(self._accounts[scope], budget, Spent(tokens, money[scope])):
                until_midnight = DAY_SECONDS - self._wall() % DAY_SECONDS
                raise LimitedError(
                    "today's budget is spent", scope=scope, retry_after=until_midnight
                )
        for scope, _ in touched:
            self._accounts[scope].held += Spent(tokens, money[scope])
        return Hold(tokens, money)

    def _sweep(self) -> None:
        """Drop the accounts of which the ledger knows everything, so that memory stays bounded."""
        since = self._wall() - self._lag_seconds
        for scope, account in list(self._accounts.items()):
            is_known = not account.ended or account.ended[-1][0] < since
            if is_known and not account.calls:
                del self._accounts[scope]
        self._sweep_at = max(MIN_SWEEP, 2 * len(self._accounts))

    async def _read(self, account: _Account, scope: str, budget: Budget) -> None:
        # A hundred calls at once ask the ledger once, and all of them wait for what it says.
        async with account.reading:
            now = self._wall()
            day = now - now % DAY_SECONDS
            if account.day == day and now - account.read_at < self._read_seconds:
                return
            written = await self._ledger.spent(scope, budget.currency, day)
            if account.day != day:
                account.ended.clear()
            account.day, account.read_at, account.written = day, now, written
            while account.ended and account.ended[0][0] < now - self._lag_seconds:
                account.ended.popleft()

    def _bears(self, account: _Account, budget: Budget, more: Spent) -> bool:
        ahead = sum((spent for _, spent in account.ended), account.held + more)
        share = 1 / max(1, self._processes())
        if budget.tokens is not None:
            left = budget.tokens - account.written.tokens
            if ahead.tokens > left * share:
                return False
        if budget.money is not None:
            money_left = budget.money - account.written.money
            if ahead.money > money_left * Decimal(share):
                return False
        return True
