from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.errors import (
    BadCredentialError,
    GatewayError,
    InvalidRequestError,
    OverloadedError,
    QuotaSpentError,
    StreamBrokenError,
    ThrottledError,
    TransientError,
)
from gateway.engine.retry import (
    GiveUp,
    Retries,
    RetryBudget,
    RetryPolicy,
    TryNextKey,
    TrySameKey,
    backoff_bound_seconds,
    retry_after_seconds,
)

NOW = 1_800_000_000.0
POLICY = RetryPolicy()
KEYS = 5


def retries(*, rand: float = 0.5, budget: RetryBudget | None = None) -> Retries:
    return Retries(POLICY, budget or RetryBudget(), lambda: rand)


def test_the_bound_of_the_wait_doubles_up_to_ten_seconds() -> None:
    bounds = [backoff_bound_seconds(POLICY, number) for number in range(7)]

    assert bounds == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


@given(st.floats(0, 1, exclude_max=True))
def test_the_wait_is_anywhere_below_the_bound(rand: float) -> None:
    assert retries(rand=rand).decide(TransientError(), 60.0, KEYS) == TrySameKey(rand * 0.5)


def test_it_gives_up_after_three_attempts() -> None:
    state = retries()
    decisions = [state.decide(TransientError(), 60.0, KEYS) for _ in range(3)]

    assert decisions == [TrySameKey(0.25), TrySameKey(0.5), GiveUp()]


@pytest.mark.parametrize("error", [TransientError(), OverloadedError(), StreamBrokenError()])
def test_passing_faults_are_tried_again(error: GatewayError) -> None:
    assert isinstance(retries().decide(error, 60.0, KEYS), TrySameKey)


def test_the_callers_fault_is_not_tried_again() -> None:
    assert retries().decide(InvalidRequestError(), 60.0, KEYS) == GiveUp()


def test_a_provider_that_says_it_is_not_worth_it_is_believed() -> None:
    assert retries().decide(TransientError(retryable=False), 60.0, KEYS) == GiveUp()


def test_what_the_provider_asks_for_goes_before_our_own_wait() -> None:
    assert retries().decide(OverloadedError(retry_after=17.0), 60.0, KEYS) == TrySameKey(17.0)


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    assert retries().decide(OverloadedError(retry_after=17.0), 16.0, KEYS) == GiveUp()


@pytest.mark.parametrize("error", [ThrottledError(), BadCredentialError(), QuotaSpentError()])
def test_a_fault_of_the_key_moves_on_without_eating_the_retries(error: GatewayError) -> None:
    state = retries()

    assert [state.decide(error, 60.0, KEYS) for _ in range(5)] == [TryNextKey()] * 5
    assert state.decide(error, 60.0, KEYS) == GiveUp()
    assert state.decide(TransientError(), 60.0, KEYS) == TrySameKey(0.25)


@given(st.lists(st.integers(0, 3), max_size=200))
def test_retries_of_the_whole_process_stay_within_a_fifth_of_its_calls(calls: list[int]) -> None:
    budget = RetryBudget()
    retried = 0
    for wanted in calls:
        budget.deposit()
        retried += sum(budget.withdraw() for _ in range(wanted))

    assert retried <= 0.2 * len(calls) + 3


def test_when_the_process_has_retried_enough_a_call_gives_up() -> None:
    budget = RetryBudget(reserve=1.0)

    assert retries(budget=budget).decide(TransientError(), 60.0, KEYS) == TrySameKey(0.25)
    assert retries(budget=budget).decide(TransientError(), 60.0, KEYS) == GiveUp()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1000000000"}, 86_400.0),
        ({"retry-after-ms": "1e15"}, 86_400.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Fri, 99 Jan 2027 08:00:30 GMT"}, None),
    ],
)
def test_it_reads_every_shape_of_retry_after(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after_seconds(headers, wall_time=NOW) == seconds
