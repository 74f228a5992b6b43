"""What one call adds to each place, and that many add up whatever their order."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.telemetry import CallRecord, Outcome
from gateway.engine.types import Priority, Usage
from gateway.figures.histogram import histogram_of
from gateway.figures.tally import Facet, Place, Tally, tallies_of
from tests.gateway.figures.records import LARGE, SMALL, attempt, failure, record

ALL = Place(Facet.ALL, "", "USD")
UNPAID = Place(Facet.ALL, "")


def test_a_call_is_counted_at_everything_it_was_about() -> None:
    found = tallies_of([record()])
    assert {place for place, tally in found.items() if tally.calls} == {
        ALL,
        Place(Facet.PROVIDER, "ours", "USD"),
        Place(Facet.MODEL, "ours/small", "USD"),
        Place(Facet.KEY, "ours/a", "USD"),
        Place(Facet.WIDGET, "7", "USD"),
        Place(Facet.VERSION, "3", "USD"),
    }


def test_a_call_that_succeeded_says_how_long_it_took_and_what_it_cost() -> None:
    tally = tallies_of([record()])[ALL]
    assert (tally.calls, tally.succeeded, tally.failed, tally.cancelled) == (1, 1, 0, 0)
    assert (tally.total_ms, tally.first_token_ms) == (1500, 250)
    assert tally.total_times == histogram_of([1500])
    assert tally.first_times == histogram_of([250])
    assert (tally.prompt_tokens, tally.completion_tokens) == (10, 20)
    assert (tally.cost, tally.unpriced, tally.uncounted) == (Decimal("0.5"), 0, 0)


def test_a_failure_is_counted_by_its_code_and_takes_no_part_in_response_times() -> None:
    found = tallies_of([failure(attempt("a", "transient"), code="transient")])
    tally = found[UNPAID]
    assert (tally.failed, tally.succeeded, tally.total_ms) == (1, 0, 0)
    assert tally.total_times.total == 0
    assert found[Place(Facet.ERROR, "transient")].calls == 1
    assert (tally.unpriced, tally.uncounted) == (0, 0)


def test_a_cancelled_call_is_neither_a_success_nor_a_failure() -> None:
    tally = tallies_of([record(outcome=Outcome.CANCELLED)])[ALL]
    assert (tally.cancelled, tally.succeeded, tally.failed, tally.total_ms) == (1, 0, 0, 0)


def test_attempts_count_where_they_were_made_and_the_call_where_it_ended() -> None:
    found = tallies_of([record(attempt("a", "throttled"), attempt("b", target=LARGE))])
    first, last = Place(Facet.KEY, "ours/a", "USD"), Place(Facet.KEY, "theirs/b", "USD")
    assert (found[first].attempts, found[first].faults, found[first].calls) == (1, 1, 0)
    assert (found[last].attempts, found[last].faults, found[last].calls) == (1, 0, 1)
    assert found[Place(Facet.MODEL, "ours/small", "USD")].faults == 1
    assert found[Place(Facet.PROVIDER, "theirs", "USD")].attempts == 1
    assert (found[ALL].attempts, found[ALL].faults) == (2, 1)
    assert found[Place(Facet.TROUBLE, "throttled", "USD")].faults == 1


def test_the_same_key_again_is_a_retry_and_another_one_a_rotation() -> None:
    attempts = [attempt("a", "x"), attempt("a", "x"), attempt("b", "x"), attempt("b", target=LARGE)]
    tally = tallies_of([record(*attempts)])[ALL]
    assert (tally.retries, tally.rotations) == (1, 2)


def test_who_waited_is_told_apart() -> None:
    chat = record(queue_seconds=0.4)
    batch = record(queue_seconds=2.0, priority=Priority.BATCH)
    tally = tallies_of([chat, batch, record()])[ALL]
    assert (tally.waited_chat, tally.wait_chat_ms) == (1, 400)
    assert (tally.waited_batch, tally.wait_batch_ms) == (1, 2000)
    assert tally.waits == histogram_of([400, 2000])
    assert tally.batch == 1


def test_an_answer_from_memory_is_counted_and_needs_no_tokens() -> None:
    free = {"usage": None, "cost": Decimal(0), "currency": "", "attempts": (), "key_label": ""}
    found = tallies_of([record(**free, is_cached=True), record(**free, is_shared=True)])
    tally = found[UNPAID]
    assert (tally.cached, tally.shared, tally.calls) == (1, 1, 2)
    assert (tally.uncounted, tally.unpriced, tally.attempts) == (0, 0, 0)
    assert not any(place.facet is Facet.KEY for place in found)


def test_what_is_not_known_is_counted_as_not_known() -> None:
    tally = tallies_of([record(usage=None, cost=None)])[UNPAID]
    assert (tally.uncounted, tally.unpriced) == (1, 1)


def test_a_call_that_no_provider_could_take_is_counted() -> None:
    lost = failure(code="no_key", target=None, attempts=(), key_label="", labels={})
    found = tallies_of([lost])
    assert set(found) == {UNPAID, Place(Facet.ERROR, "no_key")}


def test_a_name_that_is_too_long_is_cut() -> None:
    found = tallies_of([record(labels={"widget": "w" * 300})])
    assert Place(Facet.WIDGET, "w" * 200, "USD") in found


outcomes = st.sampled_from(list(Outcome))
calls = st.builds(
    lambda key, outcome, seconds, waited, tokens: record(
        attempt(key),
        outcome=outcome,
        total_seconds=seconds,
        queue_seconds=waited,
        usage=Usage(tokens, 1),
        cost=Decimal(tokens) / 1000,
    ),
    st.sampled_from("ab"),
    outcomes,
    st.floats(0, 60),
    st.floats(0, 5),
    st.integers(0, 5000),
)


@given(st.lists(calls, max_size=20), st.integers(0, 20), st.randoms(use_true_random=False))
def test_it_does_not_matter_how_calls_are_split_or_ordered(
    records: list[CallRecord], cut: int, rand: random.Random
) -> None:
    shuffled = rand.sample(records, len(records))
    apart = tallies_of(shuffled[cut:])
    for place, tally in tallies_of(shuffled[:cut]).items():
        apart.setdefault(place, Tally()).merge(tally)
    assert apart == tallies_of(records)


@given(st.lists(calls, max_size=20))
def test_the_keys_add_up_to_all_of_them(records: list[CallRecord]) -> None:
    found = tallies_of(records)
    for name in ("calls", "succeeded", "attempts", "prompt_tokens", "total_ms"):
        by_key = sum(getattr(t, name) for place, t in found.items() if place.facet is Facet.KEY)
        by_all = sum(getattr(t, name) for place, t in found.items() if place.facet is Facet.ALL)
        assert by_key == by_all
    assert {record.target for record in records} <= {SMALL}
