"""What each key did is counted attempt by attempt, and what it does now is what processes say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from gateway.models import Call, Process
from gateway.traffic import Traffic, rests_by_key, traffic_by_key


def attempt(key: str, error: str = "", provider: str = "ours") -> dict[str, object]:
    return {"provider": provider, "key": key, "error": error}


@pytest.mark.django_db
def test_a_retry_does_not_hide_that_the_first_key_failed() -> None:
    now = timezone.now()
    Call.objects.create(outcome="succeeded", attempts=[attempt("a", "throttled"), attempt("b")])
    Call.objects.create(outcome="succeeded", attempts=[attempt("a"), attempt("c", "", "theirs")])
    old = [attempt("a", "transient")]
    Call.objects.create(outcome="failed", attempts=old, started_at=now - timedelta(hours=2))
    traffic = traffic_by_key("ours", now)
    assert {label: one.attempts for label, one in traffic.items()} == {"a": 2, "b": 1}
    assert traffic["a"].errors == {"throttled": 1}
    assert (traffic["a"].success_rate, traffic["b"].success_rate) == (0.5, 1)
    assert Traffic().success_rate is None


@pytest.mark.django_db
def test_a_key_cools_until_the_last_process_lets_it() -> None:
    now = timezone.now()
    for name, seconds, age in (("p", 30.0, 2), ("q", 50.0, 2), ("gone", 500.0, 60)):
        Process.objects.create(
            id=name,
            beat_at=now - timedelta(seconds=age),
            counts={"resting": {"ours/a": [seconds, "throttled"], "theirs/a": [99.0, "transient"]}},
        )
    [(label, rest)] = rests_by_key("ours", now).items()
    assert (label, rest.reason) == ("a", "throttled")
    assert rest.until == now + timedelta(seconds=48)


@pytest.mark.django_db
def test_a_rest_that_is_over_is_not_told() -> None:
    now = timezone.now()
    counts = {"resting": {"ours/a": [3.0, "throttled"]}}
    Process.objects.create(id="p", beat_at=now - timedelta(seconds=4), counts=counts)
    assert rests_by_key("ours", now) == {}
