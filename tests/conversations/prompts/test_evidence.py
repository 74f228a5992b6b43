"""Intervals hold what they promise, and little data concludes nothing."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompts.evidence import (
    ENOUGH,
    Comparison,
    Interval,
    Mean,
    Share,
    Verdict,
    compare,
)

counts = st.integers(1, 5000)
shares = counts.flatmap(lambda n: st.integers(0, n).map(lambda hits: Share(hits, n)))
values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60)


def sure(found: Share | Mean) -> Interval:
    assert found.interval is not None
    return found.interval


def apart(found: Comparison) -> Interval:
    assert found.interval is not None
    return found.interval


@given(shares)
def test_a_share_lies_in_its_interval_and_the_interval_between_0_and_1(share: Share) -> None:
    assert share.value is not None
    assert 0 <= sure(share).low <= share.value <= sure(share).high <= 1


@given(shares)
def test_the_other_side_of_a_share_has_the_mirrored_interval(share: Share) -> None:
    other = sure(Share(share.count - share.hits, share.count))
    assert other.low == pytest.approx(1 - sure(share).high)
    assert other.high == pytest.approx(1 - sure(share).low)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilsons_interval_is_what_the_literature_says(
    hits: int, count: int, low: float, high: float
) -> None:
    # Newcombe, Statistics in Medicine 17 (1998), 857-872, method 3.
    assert sure(Share(hits, count)).low == pytest.approx(low, abs=5e-5)
    assert sure(Share(hits, count)).high == pytest.approx(high, abs=5e-5)


def test_newcombes_difference_is_what_the_literature_says() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), 873-890: 56/70 - 48/80, method 10.
    found = compare(Share(48, 80), Share(56, 70))
    assert found.difference == pytest.approx(0.2)
    assert apart(found).low == pytest.approx(0.0524, abs=5e-5)
    assert apart(found).high == pytest.approx(0.3339, abs=5e-5)


def test_more_data_make_a_share_surer() -> None:
    widths = [
        sure(Share(n // 2, n)).high - sure(Share(n // 2, n)).low for n in (10, 100, 1000, 10_000)
    ]
    assert all(later < earlier / 2 for earlier, later in pairwise(widths))


def test_of_nothing_nothing_is_known() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
    assert (Mean.of([]).value, Mean.of([]).interval) == (None, None)
    assert (Mean.of([3]).value, Mean.of([3]).interval) == (3, None)
    for nothing in (Share(0, 0), Mean.of([])):
        found = compare(nothing, nothing)
        assert (found.difference, found.interval, found.verdict) == (
            None,
            None,
            Verdict.NOT_ENOUGH,
        )


@given(values)
def test_a_mean_lies_in_the_middle_of_its_interval(seen: list[float]) -> None:
    mean = Mean.of(seen)
    assert mean.value is not None
    assert (sure(mean).low + sure(mean).high) / 2 == pytest.approx(mean.value, abs=1e-6)
    assert min(seen) - 1e-6 <= mean.value <= max(seen) + 1e-6


def test_an_interval_of_a_mean_is_twice_its_error_wide_on_each_side() -> None:
    mean = Mean.of([1, 2, 3, 4, 5])
    assert mean.error == pytest.approx((2.5 / 5) ** 0.5)
    assert sure(mean).high == pytest.approx(3 + 1.959964 * mean.error)


@given(shares, shares)
def test_turning_two_shares_round_turns_the_difference_round(one: Share, other: Share) -> None:
    there, back = compare(one, other), compare(other, one)
    assert apart(there).low == pytest.approx(-apart(back).high)
    assert apart(there).high == pytest.approx(-apart(back).low)
    turned = {Verdict.HIGHER: Verdict.LOWER, Verdict.LOWER: Verdict.HIGHER}
    assert back.verdict is turned.get(there.verdict, there.verdict)


@given(values, values)
def test_turning_two_means_round_turns_the_difference_round(
    one: list[float], other: list[float]
) -> None:
    there, back = compare(Mean.of(one), Mean.of(other)), compare(Mean.of(other), Mean.of(one))
    assert there.difference == pytest.approx(-(back.difference or 0), abs=1e-6)
    assert apart(there).low == pytest.approx(-apart(back).high, abs=1e-6)


@given(shares, shares)
def test_a_verdict_is_given_only_where_the_interval_leaves_out_zero(
    one: Share, other: Share
) -> None:
    found = compare(one, other)
    if min(one.count, other.count) < ENOUGH:
        assert found.verdict is Verdict.NOT_ENOUGH
    elif found.verdict is Verdict.NO_DIFFERENCE:
        assert apart(found).low <= 0 <= apart(found).high
    else:
        assert apart(found).low > 0 or apart(found).high < 0


def test_thirty_are_enough_and_one_fewer_is_not() -> None:
    assert compare(Share(0, ENOUGH), Share(30, ENOUGH)).verdict is Verdict.HIGHER
    assert compare(Share(0, ENOUGH), Share(29, ENOUGH - 1)).verdict is Verdict.NOT_ENOUGH
    many, few = Mean.of([1, 2] * 15), Mean.of([9, 8] * 14)
    assert compare(many, few).verdict is Verdict.NOT_ENOUGH
    assert compare(many, Mean.of([9, 8] * 15)).verdict is Verdict.HIGHER
    assert compare(Mean.of([9, 8] * 15), many).verdict is Verdict.LOWER


def test_a_share_and_a_mean_are_not_compared() -> None:
    with pytest.raises(TypeError):
        compare(Share(1, 2), Mean.of([1, 2]))


@pytest.mark.parametrize("truth", [0.02, 0.3, 0.9])
def test_nineteen_of_twenty_intervals_hold_the_truth(truth: float) -> None:
    chance = random.Random(7)
    trials = [Share(sum(chance.random() < truth for _ in range(80)), 80) for _ in range(1000)]
    held = sum(sure(trial).low <= truth <= sure(trial).high for trial in trials)
    assert 0.92 <= held / 1000 <= 0.99


def test_two_alike_are_seldom_told_apart() -> None:
    chance = random.Random(7)
    verdicts = [
        compare(
            *(Mean.of([chance.expovariate(1) for _ in range(60)]) for _ in range(2)),
        ).verdict
        for _ in range(500)
    ]
    assert sum(verdict is not Verdict.NO_DIFFERENCE for verdict in verdicts) / 500 < 0.09
