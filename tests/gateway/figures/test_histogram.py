"""Histograms add up in any order, and what they say of durations is right within their error."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.figures.histogram import (
    RELATIVE_ERROR,
    Histogram,
    bucket_of,
    end_of,
    histogram_of,
)

durations = st.lists(st.integers(0, 3_600_000), max_size=200)
shares = st.floats(0.001, 1.0)


def merged(*histograms: Histogram) -> Histogram:
    found = Histogram()
    for each in histograms:
        found.merge(each)
    return found


@given(durations, durations, durations)
def test_merging_is_associative_and_commutative(a: list[int], b: list[int], c: list[int]) -> None:
    one, two, three = map(histogram_of, (a, b, c))
    whole = histogram_of([*a, *b, *c])
    assert merged(merged(one, two), three) == whole
    assert merged(one, merged(two, three)) == whole
    assert merged(three, two, one) == whole
    assert whole.total == len(a) + len(b) + len(c)


@given(durations.filter(bool), shares)
def test_a_percentile_is_right_within_the_stated_error(found: list[int], share: float) -> None:
    told = histogram_of(found).percentile(share)
    exact = sorted(found)[math.ceil(share * len(found)) - 1]
    assert told is not None
    assert abs(told - exact) <= exact * (RELATIVE_ERROR + 1e-9)


def test_the_stated_error_is_under_five_percent() -> None:
    assert RELATIVE_ERROR < 0.05


def test_of_nothing_nothing_is_told() -> None:
    assert Histogram().percentile(0.5) is None
    assert Histogram.decode(b"") == Histogram()


@given(durations)
def test_what_is_encoded_is_decoded(found: list[int]) -> None:
    histogram = histogram_of(found)
    assert Histogram.decode(histogram.encode()) == histogram


def test_large_counts_survive_and_stay_small() -> None:
    histogram = Histogram()
    for milliseconds in range(0, 60_000, 10):
        histogram.add(milliseconds)
    for _ in range(12):
        histogram.merge(Histogram(histogram.counts.copy()))
    assert Histogram.decode(histogram.encode()) == histogram
    assert histogram.total == 6000 * 2**12
    assert len(histogram.encode()) < 512


@given(st.integers(1, 3_600_000))
def test_a_duration_is_below_the_end_of_its_bucket_and_not_of_the_one_before(value: int) -> None:
    bucket = bucket_of(value)
    assert end_of(bucket - 1) * (1 - 1e-9) <= value <= end_of(bucket) * (1 + 1e-9)


@given(durations, st.integers(0, 160))
def test_how_many_are_at_most_so_long_is_exact_at_the_ends_of_buckets(
    found: list[int], bucket: int
) -> None:
    exact = sum(bucket_of(value) <= bucket for value in found)
    assert histogram_of(found).at_most(bucket) == exact


def test_a_histogram_equals_only_histograms() -> None:
    with pytest.raises(TypeError):
        hash(Histogram())
    assert Histogram() != {}


@given(durations, durations)
def test_merging_what_is_encoded_is_merging(a: list[int], b: list[int]) -> None:
    found = histogram_of(a)
    found.merge_encoded(histogram_of(b).encode())
    assert found == merged(histogram_of(a), histogram_of(b))
