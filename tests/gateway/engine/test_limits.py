from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.limits import Charge, Denied, Lease, Limit, MemoryLimits, Outcome, Rate
from tests.gateway.engine.virtual import run


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def charge(name: str = "widget:1", **limits: object) -> Charge:
    return Charge(name, Limit(**limits))  # type: ignore[arg-type]  # tests name real fields


async def reserve(limits: MemoryLimits, *charges: Charge, tokens: float = 1.0) -> Outcome:
    return await limits.reserve(charges, tokens, lease_seconds=60.0)


async def granted(limits: MemoryLimits, *charges: Charge, tokens: float = 1.0) -> Lease:
    outcome = await reserve(limits, *charges, tokens=tokens)
    assert isinstance(outcome, Lease)
    return outcome


async def test_a_bucket_gives_what_it_holds_and_then_what_flows_in(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    widget = charge(requests=Rate(2.0, 3.0))
    for _ in range(3):
        await granted(limits, widget)

    denied = await reserve(limits, widget)
    assert isinstance(denied, Denied)
    assert denied.retry_after == pytest.approx(0.5, abs=1e-3)
    clock.now += 0.51
    await granted(limits, widget)


async def test_a_denial_changes_no_bucket(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    roomy = charge("provider:p", requests=Rate(0.0, 2.0), tokens=Rate(0.0, 100.0), concurrency=1)
    tight = charge("widget:1", tokens=Rate(1.0, 5.0))

    for _ in range(10):
        denied = await reserve(limits, roomy, tight, tokens=6.0)
        assert denied == Denied("widget:1", None)
    for _ in range(2):
        limits.settle(await granted(limits, roomy, tokens=50.0), None)


async def test_it_names_the_scope_that_takes_longest(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    slow, fast = charge("a:1", requests=Rate(0.1, 1.0)), charge("b:1", requests=Rate(10.0, 1.0))
    await granted(limits, slow, fast)

    for order in ((slow, fast), (fast, slow)):
        denied = await reserve(limits, *order)
        assert isinstance(denied, Denied)
        assert denied.scope == "a:1"


async def test_what_can_never_fit_is_named_before_what_only_takes_long(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    never, slow = charge("a:1", tokens=Rate(1.0, 5.0)), charge("b:1", requests=Rate(0.001, 1.0))
    await granted(limits, slow)

    for order in ((never, slow), (slow, never)):
        assert await reserve(limits, *order, tokens=6.0) == Denied("a:1", None)


async def test_an_empty_bucket_that_never_fills_never_will(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    once = charge(requests=Rate(0.0, 1.0))
    await granted(limits, once)

    assert await reserve(limits, once) == Denied("widget:1", None)
    assert await reserve(limits, charge("b:1", concurrency=0)) == Denied("b:1", None)


async def test_tokens_that_were_not_used_come_back(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    widget = charge(tokens=Rate(0.0, 100.0))
    limits.settle(await granted(limits, widget, tokens=100.0), 30.0)

    await granted(limits, widget, tokens=70.0)


async def test_tokens_that_were_used_beyond_the_estimate_are_owed(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    widget = charge(tokens=Rate(10.0, 100.0))
    limits.settle(await granted(limits, widget, tokens=50.0), 120.0)

    denied = await reserve(limits, widget, tokens=10.0)
    assert isinstance(denied, Denied)
    assert denied.retry_after == pytest.approx(3.0, abs=1e-3)


async def test_no_settlement_fills_a_bucket_above_its_brim(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    widget = charge(tokens=Rate(100.0, 100.0))
    lease = await granted(limits, widget, tokens=100.0)
    clock.now += 10.0
    limits.settle(lease, 0.0)

    await granted(limits, widget, tokens=100.0)
    assert isinstance(await reserve(limits, widget, tokens=1.0), Denied)


async def test_only_so_many_calls_run_at_once(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    widget = charge(concurrency=2)
    first = await granted(limits, widget)
    await granted(limits, widget)

    assert await reserve(limits, widget) == Denied("widget:1", 0.25)
    limits.settle(first, None)
    await granted(limits, widget)


async def test_a_lease_that_nobody_settles_gives_its_place_back(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    widget = charge(concurrency=1)
    await granted(limits, widget)
    clock.now += 60.0

    await granted(limits, widget)


async def test_a_new_limit_counts_at_once(clock: Clock) -> None:
    limits = MemoryLimits(clock)
    await granted(limits, charge(requests=Rate(0.0, 1.0), tokens=Rate(0.0, 1.0)))

    await granted(limits, charge())
    await granted(limits, charge(requests=Rate(0.0, 1.0)))


async def test_scopes_that_are_as_good_as_new_are_forgotten(clock: Clock) -> None:
    limits = MemoryLimits(clock, min_sweep=100)
    busy = charge("widget:busy", requests=Rate(0.0, 1.0))
    await granted(limits, busy)
    for number in range(1000):
        limits.settle(await granted(limits, charge(f"address:{number}", concurrency=1)), None)

    assert len(limits._scopes) <= 100  # noqa: SLF001  # memory is what this is about
    assert isinstance(await reserve(limits, busy), Denied)
    limits.settle(Lease("unknown", (charge("gone:1", tokens=Rate(1.0, 1.0)),), 1.0), 0.0)


STEPS = st.lists(
    st.tuples(st.floats(0.0, 3.0), st.floats(0.5, 20.0), st.floats(0.0, 1.0)), max_size=60
)


@given(steps=STEPS, per_second=st.floats(0.1, 20.0), capacity=st.floats(1.0, 40.0))
def test_never_more_than_rate_times_time_plus_capacity(
    steps: list[tuple[float, float, float]], per_second: float, capacity: float
) -> None:
    clock = Clock()
    limits = MemoryLimits(clock)
    scope = charge(tokens=Rate(per_second, capacity), requests=Rate(per_second, capacity))
    used: list[tuple[float, float]] = []

    async def scenario() -> None:
        for wait, tokens, share in steps:
            clock.now += wait
            outcome = await reserve(limits, scope, tokens=tokens)
            if isinstance(outcome, Lease):
                used.append((clock.now, tokens * share))
                limits.settle(outcome, tokens * share)

    run(scenario())

    for at, (began, _) in enumerate(used):
        window = used[at:]
        for end, (ended, _) in enumerate(window, 1):
            bound = per_second * (ended - began) + capacity + 1e-3
            assert sum(tokens for _, tokens in window[:end]) <= bound
            assert end <= bound


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(1, 4))
def test_any_interleaving_stays_within_the_concurrency(order: list[int], places: int) -> None:
    limits = MemoryLimits(Clock())
    scope = charge(concurrency=places)
    running, most = 0, 0

    async def call(turns: int) -> None:
        nonlocal running, most
        outcome = await reserve(limits, scope)
        if isinstance(outcome, Lease):
            running += 1
            most = max(most, running)
            for _ in range(turns):
                await asyncio.sleep(0)
            running -= 1
            limits.settle(outcome, None)

    async def scenario() -> None:
        await asyncio.gather(*(call(turns) for turns in order))

    run(scenario())

    assert most <= places
    assert running == 0
