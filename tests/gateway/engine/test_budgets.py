from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from gateway.engine import budgets as engine_budgets
from gateway.engine.budgets import DAY_SECONDS, Budget, Budgets, Hold, Spent
from gateway.engine.errors import LimitedError

NOON = 20_000 * DAY_SECONDS + DAY_SECONDS / 2


class Books:
    """A ledger that says what the test wrote into it."""

    def __init__(self) -> None:
        self.spent_by: dict[str, Spent] = {}
        self.reads: list[tuple[str, str, float]] = []

    async def spent(self, scope: str, currency: str, since: float) -> Spent:
        self.reads.append((scope, currency, since))
        await asyncio.sleep(0)
        return self.spent_by.get(scope, Spent())


class Wall:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def wall() -> Wall:
    return Wall()


def budgets_of(books: Books, wall: Wall, processes: int = 1, **budgets: Budget) -> Budgets:
    return Budgets(books, budgets, wall=wall, processes=lambda: processes)


async def hold(budgets: Budgets, tokens: float, cost: str | None = None) -> Hold:
    money = None if cost is None else Decimal(cost)
    return await budgets.hold({"widget": "7", "customer": "c"}, tokens, money, "USD")


async def test_a_hundred_calls_at_once_never_overspend(books: Books, wall: Wall) -> None:
    budgets = budgets_of(books, wall, widget=Budget(tokens=1000))
    outcomes = await asyncio.gather(
        *(hold(budgets, 30) for _ in range(100)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Hold) for outcome in outcomes) == 33
    assert len(books.reads) == 1


async def test_a_spent_budget_says_when_the_next_day_begins(books: Books, wall: Wall) -> None:
    books.spent_by["widget:7"] = Spent(tokens=1000)
    budgets = budgets_of(books, wall, widget=Budget(tokens=1000))

    with pytest.raises(LimitedError) as caught:
        await hold(budgets, 1)

    assert (caught.value.scope, caught.value.retry_after) == ("widget:7", DAY_SECONDS / 2)


async def test_a_denial_holds_nothing_anywhere(books: Books, wall: Wall) -> None:
    budgets = budgets_of(books, wall, widget=Budget(tokens=100), customer=Budget(tokens=10))
    for _ in range(20):
        with pytest.raises(LimitedError):
            await hold(budgets, 50)

    await budgets.hold({"widget": "7"}, 100, None, "USD")


async def test_what_was_held_and_not_spent_comes_back(books: Books, wall: Wall) -> None:
    budgets = budgets_of(books, wall, widget=Budget(tokens=100))
    budgets.settle(await hold(budgets, 100), 40, None)

    await hold(budgets, 60)
    with pytest.raises(LimitedError):
        await hold(budgets, 1)


async def test_a_call_that_has_ended_counts_until_the_ledger_must_have_it(
    books: Books, wall: Wall
) -> None:
    budgets = budgets_of(books, wall, widget=Budget(tokens=100))
    budgets.settle(await hold(budgets, 100), 100, None)
    wall.now += 4.0
    with pytest.raises(LimitedError):
        await hold(budgets, 1)

    books.spent_by["widget:7"] = Spent(tokens=20)  # the ledger knows better
    wall.now += 4.0
    await hold(budgets, 80)


async def test_a_call_that_cost_nothing_leaves_no_trace(books: Books, wall: Wall) -> None:
    budgets = budgets_of(books, wall, widget=Budget(tokens=100))
    for _ in range(10):
        budgets.settle(await hold(budgets, 100), 0, None)

    await hold(budgets, 100)


async def test_money_is_counted_in_its_own_currency(books: Books, wall: Wall) -> None:
    budgets = budgets_of(books, wall, widget=Budget(money=Decimal(1)))
    await hold(budgets, 10, cost="0.9")

    with pytest.raises(LimitedError):
        await hold(budgets, 10, cost="0.2")
    await budgets.hold({"widget": "7"}, 10, Decimal("0.2"), "EUR")
    await hold(budgets, 10, cost=None)
    await hold(budgets, 10, cost="0.1")


async def test_each_of_four_processes_grants_a_quarter(books: Books, wall: Wall) -> None:
    budgets = budgets_of(books, wall, 4, widget=Budget(tokens=1000, money=Decimal(1000)))
    await hold(budgets, 250, cost="250")

    with pytest.raises(LimitedError):
        await hold(budgets, 1)


async def test_a_new_day_begins_with_nothing_spent(books: Books, wall: Wall) -> None:
    budgets = budgets_of(books, wall, widget=Budget(tokens=100))
    budgets.settle(await hold(budgets, 100), 100, None)
    wall.now += DAY_SECONDS / 2

    await hold(budgets, 100)
    assert books.reads[-1] == ("widget:7", "USD", NOON + DAY_SECONDS / 2)


async def test_a_budget_of_its_own_goes_before_that_of_its_kind(books: Books, wall: Wall) -> None:
    own = {"widget": Budget(tokens=1), "widget:7": Budget(tokens=100)}

    await hold(Budgets(books, own, wall=wall), 100)


async def test_who_has_no_budget_is_not_counted(books: Books, wall: Wall) -> None:
    assert (await hold(budgets_of(books, wall), 10**9)).money == {}
    assert not books.reads


async def test_a_ledger_that_fails_is_asked_again(books: Books, wall: Wall) -> None:
    class Broken(Books):
        async def spent(self, scope: str, currency: str, since: float) -> Spent:
            raise OSError

    broken = Broken()
    budgets = Budgets(broken, {"widget": Budget(tokens=1)}, wall=wall)
    for _ in range(2):
        with pytest.raises(OSError):  # noqa: PT011  # the ledger's own
            await hold(budgets, 1)


async def test_accounts_that_the_ledger_knows_all_about_are_forgotten_and_others_are_not(
    books: Books, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_budgets, "MIN_SWEEP", 3)
    budgets = budgets_of(books, wall, customer=Budget(tokens=100))

    async def hold_of(customer: str) -> Hold:
        return await budgets.hold({"customer": customer}, 60, None, "USD")

    budgets.settle(await hold_of("long ago"), 60, None)
    wall.now += 60
    budgets.settle(await hold_of("just now"), 60, None)
    await hold_of("under way")
    await hold_of("new")

    assert "customer:long ago" not in budgets._accounts  # noqa: SLF001  # nobody else can tell
    for customer in ("just now", "under way"):
        with pytest.raises(LimitedError):
            await hold_of(customer)
