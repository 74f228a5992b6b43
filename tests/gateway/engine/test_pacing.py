from __future__ import annotations

import pytest

from gateway.engine.pacing import Pace, duration_seconds


def headers(remaining: int, *, limit: int = 100, reset: str = "10s") -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": str(limit),
        "x-ratelimit-remaining-requests": str(remaining),
        "x-ratelimit-reset-requests": reset,
    }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("120ms", 0.12),
        ("1d", 86400.0),
        ("1.5", 1.5),
        ("soon", None),
        ("5s later", None),
        ("-1", None),
        ("", None),
        (None, None),
    ],
)
def test_it_reads_durations(text: str | None, seconds: float | None) -> None:
    assert duration_seconds(text) == pytest.approx(seconds)


def test_without_headers_nothing_is_held_back() -> None:
    pace = Pace()
    pace.learn({}, 1, 0.0)
    pace.spend(0.0)

    assert pace.ready_at(0.0) == 0.0


def test_while_plenty_remain_nothing_is_held_back() -> None:
    pace = Pace()
    pace.learn(headers(50), 1, 0.0)
    pace.spend(0.0)

    assert pace.ready_at(0.0) == 0.0


def test_when_few_remain_they_are_spread_over_the_window() -> None:
    pace = Pace()
    pace.learn(headers(10), 1, 0.0)
    pace.spend(0.0)

    assert pace.ready_at(0.0) == 1.0


def test_with_none_left_the_key_rests_until_the_reset() -> None:
    pace = Pace()
    pace.learn(headers(0), 1, 5.0)

    assert pace.ready_at(5.0) == 15.0
    assert pace.ready_at(15.0) == 15.0


def test_calls_under_way_count_as_spent() -> None:
    pace = Pace()
    pace.learn(headers(30), 31, 0.0)

    assert pace.ready_at(0.0) == 10.0


def test_spent_tokens_hold_back_as_spent_requests_do() -> None:
    pace = Pace()
    tokens = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "7s"}
    pace.learn(headers(90) | tokens, 1, 0.0)

    assert pace.ready_at(0.0) == 7.0


def test_a_limit_of_ours_can_hold_it_back_too() -> None:
    pace = Pace()
    pace.rest(3.0)

    assert pace.ready_at(0.0) == 3.0
