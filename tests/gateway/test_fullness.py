"""How full limits are is told from the ledger and the heartbeats, for all processes together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gateway.fullness import Fill, Fullness, Measure, fullness_of, usage_count
from gateway.models import ApiKey, Call, Limit, Process
from gateway.models.allowance import Scope
from gateway.services import key_add, provider_create

NOW = timezone.now()


@pytest.fixture
def key(db: None) -> ApiKey:
    provider = provider_create(slug="ours", name="Ours", base_url="https://ours.example/v1")
    return key_add(provider=provider, label="a", secret="sk-canary-0123456789")


def attempt(key: str = "a", model: str = "small", provider: str = "ours") -> dict[str, object]:
    return {"provider": provider, "model": model, "key": key, "error": ""}


def call(*attempts: dict[str, object], ago: float = 1, tokens: int = 0) -> None:
    Call.objects.create(
        outcome="succeeded",
        started_at=NOW - timedelta(seconds=ago),
        attempts=list(attempts),
        spent_tokens=tokens,
        provider=str(attempts[-1]["provider"]) if attempts else "",
        key_label=str(attempts[-1]["key"]) if attempts else "",
    )


def test_a_provider_without_limits_is_not_counted(key: ApiKey) -> None:
    assert fullness_of(key.provider, [key], NOW) == Fullness()


def test_each_limit_says_what_the_last_minute_took(key: ApiKey) -> None:
    Limit.objects.create(
        kind=Scope.KEY, subject=key.pk, requests_per_minute=60, tokens_per_minute=1000
    )
    Limit.objects.create(kind=Scope.PROVIDER, subject="ours", concurrency=4)
    Limit.objects.create(kind=Scope.MODEL, subject="ours/small", requests_per_minute=2)
    call(attempt(), tokens=300)
    call(attempt("b"), attempt(), tokens=50)
    call(attempt(provider="theirs"), tokens=999)
    call(attempt(), ago=61, tokens=999)
    call(tokens=999)  # from the cache: nobody was asked
    counts = {"streams": {"ours/a": 2, "ours/b": 1, "theirs/a": 9}}
    Process.objects.create(id="p", beat_at=NOW, counts=counts)
    Process.objects.create(id="q", beat_at=NOW, counts={"streams": {"ours/a": 1}})
    Process.objects.create(id="dead", beat_at=NOW - timedelta(minutes=1), counts=counts)
    fullness = fullness_of(key.provider, [key], NOW)
    assert fullness.keys == {
        "a": (Fill(Measure.REQUESTS, 2 + 3, 60), Fill(Measure.TOKENS, 350, 1000))
    }
    assert fullness.provider == (Fill(Measure.ANSWERS, 4, 4),)
    assert fullness.models == {"small": (Fill(Measure.REQUESTS, 3, 2),)}


def test_a_limit_of_each_key_is_every_keys(key: ApiKey) -> None:
    Limit.objects.create(kind=Scope.KEY, subject="", requests_per_minute=10)
    assert fullness_of(key.provider, [key], NOW).keys == {"a": (Fill(Measure.REQUESTS, 0, 10),)}


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["ours", "theirs"]))),
            st.integers(0, 1000),
        )
    )
)
def test_the_keys_add_up_to_the_provider(calls: list[tuple[list[tuple[str, str]], int]]) -> None:
    rows = [
        (
            [attempt(label, provider=provider) for label, provider in attempts],
            tokens,
            attempts[-1][1] if attempts else "",
            attempts[-1][0] if attempts else "",
        )
        for attempts, tokens in calls
    ]
    usage = usage_count("ours", rows)
    for counted in (usage.requests, usage.tokens):
        by_key = sum(amount for (kind, _), amount in counted.items() if kind is Scope.KEY)
        assert by_key == counted[Scope.PROVIDER, ""]
