"""What ``/metrics`` says is read back by Prometheus' own parser."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from gateway.metrics import metrics_text
from gateway.models import ApiKey, Process, Provider
from gateway.models.provider import KeyState
from gateway.services import key_add, key_pause, key_retire, provider_create, provider_update

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECRET = "sk-canary-0123456789"
LABELS = ("provider", "key", "state", "reason")
RULES = Path(__file__).resolve().parents[2] / "docs" / "alerts.yml"


@pytest.fixture
def key() -> ApiKey:
    provider = provider_create(slug="ours", name="Ours", base_url="https://ours.example/v1")
    return key_add(provider=provider, label='ma"in\n', secret=SECRET)


def figures(metric: str, now: datetime = NOW) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(metrics_text(now).decode())
    return {
        tuple(sample.labels[name] for name in LABELS if name in sample.labels): sample.value
        for family in families
        for sample in family.samples
        if sample.name == metric
    }


def test_each_key_is_in_one_state(key: ApiKey) -> None:
    key_pause(key=key)
    states = figures("chatsite_key_state")
    assert len(states) == len(KeyState)
    assert {place for place, is_so in states.items() if is_so} == {("ours", key.label, "paused")}


def test_a_retired_key_is_told_no_more(key: ApiKey) -> None:
    key_retire(key=key)
    assert figures("chatsite_key_state") == {}


def test_the_day_of_a_key_is_told_before_it_comes(key: ApiKey, settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert figures("chatsite_key_due_timestamp_seconds") == {}
    ApiKey.objects.update(expires_on=date(2026, 12, 1))
    [(place, moment)] = figures("chatsite_key_due_timestamp_seconds").items()
    assert place == ("ours", key.label, "expires")
    assert datetime.fromtimestamp(moment, UTC) == datetime(2026, 12, 1, 23, 0, tzinfo=UTC)


def test_the_rule_of_a_provider_counts_if_it_comes_first(key: ApiKey) -> None:
    ApiKey.objects.update(expires_on=date(2036, 12, 1), created_at=NOW)
    Provider.objects.update(rotate_every_days=30)
    [(place, moment)] = figures("chatsite_key_due_timestamp_seconds").items()
    assert place[2] == "policy"
    assert datetime.fromtimestamp(moment, UTC) == datetime(2026, 12, 26, tzinfo=UTC)


def test_the_processes_that_live_are_added_up(key: ApiKey) -> None:
    for name, age, streams in (("p", 1, 2), ("q", 5, 3), ("dead", 60, 9)):
        counts = {
            "streams": {f"ours/{key.label}": streams},
            "resting": {f"ours/{key.label}": [10.0, "throttled"]} if name == "q" else {},
        }
        Process.objects.create(id=name, beat_at=NOW - timedelta(seconds=age), counts=counts)
    assert figures("chatsite_processes") == {(): 2}
    assert figures("chatsite_key_answers") == {("ours", key.label): 5}
    assert figures("chatsite_key_resting_processes") == {("ours", key.label): 1}
    later = NOW + timedelta(seconds=15)  # of a rest of ten seconds: p and q still live
    assert figures("chatsite_key_resting_processes", later) == {("ours", key.label): 0}
    assert figures("chatsite_processes", later) == {(): 2}


def test_the_processes_that_should_be_there_are_told(settings: Settings) -> None:
    settings.PROCESSES = 3
    assert figures("chatsite_processes_wanted") == {(): 3}


def test_the_keys_of_a_provider_that_is_switched_off_are_not_told(key: ApiKey) -> None:
    provider_update(provider=key.provider, is_active=False)
    assert figures("chatsite_key_state") == {}


def test_no_secret_and_no_fingerprint_is_told(key: ApiKey) -> None:
    text = metrics_text(NOW).decode()
    assert SECRET not in text
    assert key.fingerprint not in text


def test_more_providers_and_keys_cost_no_more_questions(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        provider = provider_create(slug=f"p{number}", name="P", base_url="https://p.example/v1")
        key_add(provider=provider, label="key", secret=f"sk-{number}")
    with django_assert_num_queries(2):
        metrics_text(NOW)


def test_the_alert_rules_ask_for_figures_that_exist(key: ApiKey) -> None:
    told = set(re.findall(r"^# TYPE (\S+)", metrics_text(NOW).decode(), re.MULTILINE))
    assert set(re.findall(r"chatsite_\w+", RULES.read_text())) <= told
