"""What ``/metrics`` says is read back by Prometheus' own parser."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from gateway import counters
from gateway.engine.types import Priority, Target
from gateway.figures.keeping import calls_count, dropped_count
from gateway.metrics import metrics_text
from gateway.models import ApiKey, Process, Provider
from gateway.models.provider import KeyState
from gateway.services import key_add, key_pause, key_retire, provider_create, provider_update
from tests.gateway.figures.records import attempt, failure, record

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECRET = "sk-canary-0123456789"
LABELS = ("provider", "key", "state", "reason")
RULES = Path(__file__).resolve().parents[2] / "docs" / "alerts.yml"
GRAFANA = RULES.with_name("grafana.json")


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
    with django_assert_num_queries(3):
        metrics_text(NOW)


def test_the_alert_rules_ask_for_figures_that_exist(key: ApiKey) -> None:
    told = set(re.findall(r"^# TYPE (\S+)", metrics_text(NOW).decode(), re.MULTILINE))
    assert set(re.findall(r"chatsite_\w+", RULES.read_text())) <= told


def test_promtool_finds_nothing_to_blame(key: ApiKey) -> None:
    calls_count([record(), failure(attempt(error="transient"))])
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("There is no promtool here.")
    told = subprocess.run(  # noqa: S603  # nothing of it comes from outside
        [promtool, "check", "metrics"], input=metrics_text(NOW), capture_output=True, check=False
    )
    assert (told.returncode, told.stderr + told.stdout) == (0, b"")


def samples(metric: str) -> dict[tuple[tuple[str, str], ...], float]:
    families = text_string_to_metric_families(metrics_text(NOW).decode())
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name == metric
    }


def test_calls_are_counted_from_the_beginning_by_outcome() -> None:
    calls_count([record(), record(), failure(attempt(error="transient"))])
    dropped_count(3, now=NOW)
    assert samples("chatsite_calls_total") == {
        (("outcome", "succeeded"),): 2,
        (("outcome", "failed"),): 1,
        (("outcome", "cancelled"),): 0,
    }
    assert samples("chatsite_call_errors_total") == {(("error_type", "transient"),): 1}
    assert samples("chatsite_attempt_errors_total") == {(("error_type", "transient"),): 1}
    assert samples("chatsite_key_attempts_total") == {(("key", "a"), ("provider", "ours")): 3}
    assert samples("chatsite_key_attempts_failed_total") == {
        (("key", "a"), ("provider", "ours")): 1
    }
    assert samples("chatsite_cost_total") == {(("currency", "USD"),): 1.0}
    assert samples("chatsite_calls_dropped_total") == {(): 3}


def test_times_and_tokens_are_told_by_model_under_the_names_of_opentelemetry() -> None:
    calls_count([record(total_seconds=seconds) for seconds in (0.5, 1.5, 99.0)])
    place = (
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "ours"),
        ("gen_ai_request_model", "small"),
    )
    name = "gen_ai_client_operation_duration_seconds"
    assert samples(f"{name}_count") == {place: 3}
    assert samples(f"{name}_sum") == {place: 101.0}
    buckets = {float(dict(key)["le"]): value for key, value in samples(f"{name}_bucket").items()}
    assert list(buckets.values()) == sorted(buckets.values())
    for edge, count in buckets.items():
        assert count == sum(seconds < edge for seconds in (0.5, 1.5, 99.0))
    first = "gen_ai_client_operation_time_to_first_chunk_seconds"
    assert samples(f"{first}_sum") == {place: 0.75}
    tokens = {
        dict(key)["gen_ai_token_type"]: n for key, n in samples("chatsite_tokens_total").items()
    }
    assert tokens == {"input": 30, "output": 60}


def test_repeats_waits_and_spared_calls_are_counted_by_kind() -> None:
    calls_count(
        [
            record(attempt(error="x"), attempt(error="x"), attempt("b"), queue_seconds=2.0),
            record(queue_seconds=0.5, priority=Priority.BATCH),
            record(is_cached=True),
            record(is_shared=True),
            record(is_shared=True),
        ]
    )
    assert samples("chatsite_attempts_repeated_total") == {
        (("how", "retry"),): 1,
        (("how", "rotation"),): 1,
    }
    assert samples("chatsite_calls_waited_total") == {
        (("priority", "chat"),): 1,
        (("priority", "batch"),): 1,
    }
    assert samples("chatsite_calls_waited_seconds_total") == {
        (("priority", "chat"),): 2.0,
        (("priority", "batch"),): 0.5,
    }
    assert samples("chatsite_calls_spared_total") == {
        (("how", "cached"),): 1,
        (("how", "shared"),): 2,
    }


def test_how_many_names_are_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MOST_NAMES", 2)
    for number in range(4):
        calls = [record(attempt(target=Target("ours", f"m{number}"))) for _ in range(number + 1)]
        calls_count(calls)
    told = {dict(key)["gen_ai_request_model"] for key in samples("chatsite_model_calls_total")}
    assert told == {"m2", "m3"}


def test_open_chats_are_added_up() -> None:
    for name in ("p", "q"):
        Process.objects.create(id=name, beat_at=NOW, counts={"sockets": 21})
    assert samples("chatsite_open_chats") == {(): 42}


def test_the_dashboard_for_grafana_asks_for_figures_that_exist(key: ApiKey) -> None:
    calls_count([record()])
    told = set(re.findall(r"^# TYPE (\S+)", metrics_text(NOW).decode(), re.MULTILINE))
    asked = set(re.findall(r"(?:chatsite|gen_ai_client)_\w+", GRAFANA.read_text()))
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert names
    assert names <= told
