"""The policy by properties: whatever is seen, and however often anybody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.alerts.machine import Look, Patience, Standing, step

BEGIN = datetime(2026, 11, 26, tzinfo=UTC)
LOOKS = st.lists(st.tuples(st.integers(0, 120), st.sampled_from(Look)), max_size=60)
PATIENCE = st.builds(
    lambda bad, good: Patience(timedelta(seconds=bad), timedelta(seconds=good)),
    st.integers(0, 300),
    st.integers(0, 300),
)


def play(looks: list[tuple[int, Look]], patience: Patience) -> list[tuple[datetime, Look, bool]]:
    """Return when, after what and with which result each look was taken."""
    now, standing, told = BEGIN, Standing(), []
    for seconds, look in looks:
        now += timedelta(seconds=seconds)
        standing = step(standing, look, now, patience)
        told.append((now, look, standing.is_firing))
    return told


@given(LOOKS, PATIENCE)
def test_an_alert_changes_only_after_what_speaks_for_it_has_lasted(
    looks: list[tuple[int, Look]], patience: Patience
) -> None:
    told = play(looks, patience)
    was = False
    for place, (now, look, is_firing) in enumerate(told):
        if is_firing != was:
            wanted = Look.BAD if is_firing else Look.GOOD
            wait = patience.bad if is_firing else patience.good
            assert look is wanted
            begun = place
            while begun and told[begun - 1][1] is wanted:
                begun -= 1
            assert now - told[begun][0] >= wait
        was = is_firing


@given(LOOKS, PATIENCE)
def test_trouble_that_lasts_is_told_and_calm_that_lasts_ends_it(
    looks: list[tuple[int, Look]], patience: Patience
) -> None:
    standing = Standing()
    now = BEGIN
    for seconds, look in looks:
        now += timedelta(seconds=seconds)
        standing = step(standing, look, now, patience)
    for look, wait in ((Look.BAD, patience.bad), (Look.GOOD, patience.good)):
        standing = step(standing, look, now, patience)
        now += wait
        standing = step(standing, look, now, patience)
        assert standing == Standing(is_firing=look is Look.BAD)


@given(LOOKS, PATIENCE, st.sampled_from(Look))
def test_looking_again_at_the_same_moment_says_nothing_new(
    looks: list[tuple[int, Look]], patience: Patience, look: Look
) -> None:
    patience = Patience(patience.bad + timedelta(seconds=1), patience.good + timedelta(seconds=1))
    told = play([*looks, (0, look)], patience)
    again = play([*looks, (0, look), (0, look), (0, look)], patience)
    assert [is_firing for _, _, is_firing in again[len(told) - 1 :]] == [told[-1][2]] * 3


@given(st.lists(st.integers(0, 59), min_size=1, max_size=50))
def test_flapping_faster_than_patience_is_never_told(seconds: list[int]) -> None:
    looks = [(gap, Look.BAD if n % 2 else Look.GOOD) for n, gap in enumerate(seconds)]
    minute = timedelta(minutes=1)
    assert not any(is_firing for _, _, is_firing in play(looks, Patience(minute, minute)))


def test_a_clock_that_goes_back_ends_no_patience_early() -> None:
    minute = timedelta(minutes=1)
    patience = Patience(minute, minute)
    standing = step(Standing(), Look.BAD, BEGIN, patience)
    standing = step(standing, Look.BAD, BEGIN - timedelta(hours=1), patience)
    assert not step(standing, Look.BAD, BEGIN - timedelta(hours=1), patience).is_firing
