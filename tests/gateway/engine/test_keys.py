from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.config import KeyConfig, KeyStanding, Secret
from gateway.engine.errors import (
    BadCredentialError,
    DeadlineExceededError,
    GatewayError,
    InvalidRequestError,
    QuotaSpentError,
    ThrottledError,
    TransientError,
)
from gateway.engine.keys import BenchPolicy, KeyRing, KeyState, Pick

POLICY = BenchPolicy(failures=3, window_seconds=10.0, cool_seconds=5.0, max_cool_seconds=60.0)


def key(name: str, **changes: object) -> KeyConfig:
    settings: dict[str, object] = {"id": name, "label": name, "secret": Secret(name)}
    return KeyConfig(**(settings | changes))  # type: ignore[arg-type]  # tests name real fields


def ring_of(*keys: KeyConfig) -> KeyRing:
    ring = KeyRing(POLICY)
    ring.update(keys)
    return ring


def picked(ring: KeyRing, now: float) -> Pick:
    pick = ring.pick(now)
    assert pick is not None
    return pick


def fail(ring: KeyRing, error: GatewayError, now: float) -> KeyStanding | None:
    pick = picked(ring, now)
    ring.put_back(pick)
    return ring.failed(pick, error, now)


def state(ring: KeyRing, now: float) -> KeyState:
    return ring.health(now)[0].state


def test_it_takes_the_key_with_the_fewest_streams() -> None:
    ring = ring_of(key("a"), key("b"), key("c"))

    assert {picked(ring, 0.0).key.config.id for _ in range(3)} == {"a", "b", "c"}


def test_of_equals_it_takes_the_one_longest_unused() -> None:
    ring = ring_of(key("a"), key("b"))
    names = []
    for now in (1.0, 2.0, 3.0, 4.0):
        pick = picked(ring, now)
        names.append(pick.key.config.id)
        ring.put_back(pick)

    assert names == ["a", "b", "a", "b"]


@given(st.integers(1, 5), st.integers(1, 5))
def test_traffic_follows_the_weights(one: int, other: int) -> None:
    ring = ring_of(key("a", weight=one), key("b", weight=other))
    names = [picked(ring, 0.0).key.config.id for _ in range(10 * (one + other))]

    assert abs(names.count("a") - 10 * one) <= 1


def test_one_failure_does_not_bench_a_key() -> None:
    ring = ring_of(key("a"))
    fail(ring, TransientError(), 0.0)
    fail(ring, TransientError(), 1.0)

    assert state(ring, 1.0) is KeyState.ACTIVE


def test_failures_within_the_window_do() -> None:
    ring = ring_of(key("a"))
    for now in (0.0, 1.0, 2.0):
        fail(ring, TransientError(), now)

    assert state(ring, 2.0) is KeyState.COOLING
    assert ring.pick(2.0) is None
    assert ring.ready_at(2.0) == 7.0


def test_failures_that_are_long_past_do_not_count() -> None:
    ring = ring_of(key("a"))
    for now in (0.0, 9.0, 18.0, 27.0):
        fail(ring, TransientError(), now)

    assert state(ring, 27.0) is KeyState.ACTIVE


def test_a_throttled_key_rests_as_long_as_the_provider_says() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=42.0), 0.0)

    health = ring.health(2.0)[0]
    assert (health.state, health.reason, health.ready_in_seconds) == (
        KeyState.COOLING,
        "throttled",
        40.0,
    )


def test_after_its_rest_exactly_one_probe_goes_out() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=5.0), 0.0)

    assert state(ring, 5.0) is KeyState.HALF_OPEN
    assert picked(ring, 5.0).is_probe
    assert ring.pick(6.0) is None


def test_a_probe_that_succeeds_brings_the_key_back() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=5.0), 0.0)
    ring.succeeded(picked(ring, 5.0))

    assert state(ring, 5.0) is KeyState.ACTIVE
    assert not picked(ring, 5.0).is_probe


def test_each_probe_that_fails_doubles_the_rest_up_to_a_bound() -> None:
    ring = ring_of(key("a"))
    now, rests = 0.0, []
    fail(ring, ThrottledError(), now)
    for _ in range(6):
        ready = ring.ready_at(now)
        assert ready is not None
        rests.append(ready - now)
        now = ready
        fail(ring, TransientError(), now)

    assert rests == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]


def test_calls_already_under_way_do_not_lengthen_the_rest() -> None:
    ring = ring_of(key("a"))
    picks = [picked(ring, 0.0) for _ in range(10)]
    for pick in picks:
        ring.failed(pick, ThrottledError(), 1.0)

    assert ring.ready_at(1.0) == 6.0


def test_a_longer_wait_that_the_provider_asks_for_is_granted() -> None:
    ring = ring_of(key("a"))
    for seconds in (5.0, 50.0, 20.0):
        pick = Pick(ring._keys["a"], is_probe=False)  # noqa: SLF001  # calls that were under way
        ring.failed(pick, ThrottledError(retry_after=seconds), 0.0)

    assert ring.ready_at(0.0) == 50.0


def test_a_probe_without_a_verdict_makes_room_for_another() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=5.0), 0.0)
    probe = picked(ring, 5.0)
    ring.failed(probe, DeadlineExceededError(), 6.0)
    ring.put_back(probe)

    assert picked(ring, 6.0).is_probe


def test_a_probe_whose_request_was_at_fault_clears_the_key() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=5.0), 0.0)
    ring.failed(picked(ring, 5.0), InvalidRequestError(), 5.0)

    assert state(ring, 5.0) is KeyState.ACTIVE


def test_a_probe_that_another_process_makes_holds_ours_back() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=5.0), 0.0)
    ring.unused(picked(ring, 5.0), until=9.0)

    assert ring.ready_at(5.0) == 9.0


def test_a_spent_quota_lasts_until_a_person_acts() -> None:
    ring = ring_of(key("a"))

    assert fail(ring, QuotaSpentError(), 0.0) is KeyStanding.EXHAUSTED
    assert ring.ready_at(1e9) is None


def test_only_the_third_refusal_in_a_row_revokes_a_key() -> None:
    ring = ring_of(key("a"))

    assert fail(ring, BadCredentialError(), 0.0) is None
    assert fail(ring, BadCredentialError(), 100.0) is None
    assert state(ring, 100.0) is KeyState.COOLING
    assert fail(ring, BadCredentialError(), 200.0) is KeyStanding.REVOKED
    assert state(ring, 200.0) is KeyState.REVOKED


def test_nobody_waits_for_a_key_that_was_refused_but_it_is_tried_again() -> None:
    ring = ring_of(key("a"))
    fail(ring, BadCredentialError(), 0.0)

    assert ring.ready_at(0.0) is None
    assert picked(ring, 5.0).is_probe


def test_a_refused_key_does_not_hide_one_that_is_worth_waiting_for() -> None:
    ring = ring_of(key("a"), key("b"))
    fail(ring, BadCredentialError(), 0.0)
    fail(ring, ThrottledError(retry_after=9.0), 0.0)

    assert ring.ready_at(0.0) == 9.0


def test_a_key_is_revoked_once_however_many_calls_find_out() -> None:
    ring = ring_of(key("a"))
    picks = [picked(ring, 0.0) for _ in range(5)]
    changes = [ring.failed(pick, BadCredentialError(), 0.0) for pick in picks]

    assert changes == [None, None, KeyStanding.REVOKED, None, None]


def test_a_success_forgives_refusals() -> None:
    ring = ring_of(key("a"))
    fail(ring, BadCredentialError(), 0.0)
    fail(ring, BadCredentialError(), 100.0)
    ring.succeeded(picked(ring, 200.0))

    assert fail(ring, BadCredentialError(), 300.0) is None


@pytest.mark.parametrize(
    "standing", [KeyStanding.PAUSED, KeyStanding.DRAINING, KeyStanding.REVOKED]
)
def test_a_key_that_a_person_took_out_serves_nobody(standing: KeyStanding) -> None:
    ring = ring_of(key("a", standing=standing), key("b"))

    assert {picked(ring, 0.0).key.config.id for _ in range(4)} == {"b"}


def test_what_is_known_of_a_key_survives_a_change_of_its_neighbours() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=50.0), 0.0)
    ring.update([key("a", weight=3), key("b")])

    assert [health.state for health in ring.health(0.0)] == [KeyState.COOLING, KeyState.ACTIVE]


def test_a_new_secret_is_a_new_key() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=50.0), 0.0)
    ring.update([key("a", secret=Secret("replaced"))])

    assert state(ring, 0.0) is KeyState.ACTIVE


def test_a_person_who_reactivates_a_key_is_obeyed() -> None:
    ring = ring_of(key("a"))
    fail(ring, QuotaSpentError(), 0.0)
    ring.update([key("a", standing=KeyStanding.EXHAUSTED)])
    ring.update([key("a")])

    assert state(ring, 0.0) is KeyState.ACTIVE


def test_a_rest_that_another_process_learned_of_is_taken_but_never_shortened() -> None:
    ring = ring_of(key("a"))
    ring.cool("a", 10.0, "throttled", 0.0)
    ring.cool("a", 5.0, "throttled", 0.0)
    ring.cool("unknown", 5.0, "throttled", 0.0)

    assert ring.ready_at(0.0) == 10.0


def test_a_refused_key_that_a_person_resumes_serves_at_once() -> None:
    ring = ring_of(key("a"), key("b"))
    picks = [pick for pick in (picked(ring, 0.0) for _ in range(6)) if pick.key.config.id == "a"]
    standings = [ring.failed(pick, BadCredentialError(), 0.0) for pick in picks]
    assert standings == [None, None, KeyStanding.REVOKED]
    ring.update([key("a", standing=KeyStanding.REVOKED), key("b")])
    ring.update([key("a"), key("b")])

    assert state(ring, 1.0) is KeyState.ACTIVE


def test_a_pause_shortens_no_rest_that_the_provider_asked_for() -> None:
    ring = ring_of(key("a"))
    fail(ring, ThrottledError(retry_after=30.0), 0.0)
    ring.update([key("a", standing=KeyStanding.PAUSED)])
    ring.update([key("a")])

    assert state(ring, 29.0) is KeyState.COOLING
