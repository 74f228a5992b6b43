"""Each of Grafana's panels is answered by a real Prometheus that holds what ``/metrics`` said."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.engine.telemetry import Outcome
from gateway.engine.types import Priority
from gateway.figures.keeping import calls_count
from gateway.metrics import metrics_text
from gateway.models import Process
from gateway.services import key_add, provider_create
from tests.free_port import port_free
from tests.gateway.figures.records import attempt, failure, record

pytestmark = pytest.mark.django_db

DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "grafana.json"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
APART_SECONDS = 60
INTERVAL = "4m"  # what Grafana puts in for a scrape each minute
READY_SECONDS = 60
PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")


def expressions() -> list[tuple[str, str]]:
    """Return what the panels ask, each with its title."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [
        (panel["title"], target["expr"].replace("$__rate_interval", INTERVAL))
        for panel in panels
        for target in panel["targets"]
    ]


def busy_minute() -> None:
    """Count calls of every kind that a panel tells apart."""
    retried = [attempt("a", "throttled"), attempt("a", wait=1.0), attempt("b")]
    calls_count(
        [
            record(*retried, queue_seconds=1.0),
            record(is_cached=True),
            record(is_shared=True),
            record(outcome=Outcome.CANCELLED),
            record(priority=Priority.BATCH, queue_seconds=2.0),
            failure(attempt("a", "transient")),
        ]
    )


def scraped(moment: float) -> Iterator[str]:
    """Yield what ``/metrics`` says now, to be kept as if it had been said at that moment."""
    for family in text_string_to_metric_families(metrics_text(NOW).decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={json.dumps(said)}" for name, said in sample.labels.items())
            yield f"{sample.name}{{{labels}}} {sample.value} {moment}"


@contextmanager
def prometheus(folder: Path, samples: str) -> Iterator[str]:
    """Run a Prometheus that holds these samples, and give its address."""
    (folder / "samples").write_text(samples)
    (folder / "none.yml").write_text("")
    backfill = [str(PROMTOOL), "tsdb", "create-blocks-from", "openmetrics", "samples", "data"]
    subprocess.run(  # noqa: S603 - a program that is asked for by name
        backfill, cwd=folder, check=True, capture_output=True
    )
    address = f"127.0.0.1:{port_free()}"
    process = subprocess.Popen(  # noqa: S603 - as above
        [
            str(PROMETHEUS),
            "--config.file=none.yml",
            "--storage.tsdb.path=data",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address={address}",
        ],
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        ready_await(f"http://{address}/-/ready")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def ready_await(url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url).close()  # noqa: S310 - on loopback
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("Prometheus did not start.")


def asked(url: str, expression: str, at: float) -> list[dict[str, Any]]:
    """Return the series with which Prometheus answers."""
    query = urllib.parse.urlencode({"query": expression, "time": at})
    with urllib.request.urlopen(f"{url}/api/v1/query?{query}") as answer:  # noqa: S310 - as above
        found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return found


@pytest.mark.skipif(not (PROMETHEUS and PROMTOOL), reason="There is no Prometheus here.")
def test_each_panel_is_answered_by_prometheus(tmp_path: Path) -> None:
    provider = provider_create(slug="ours", name="Ours", base_url="https://ours.example/v1")
    key_add(provider=provider, label="a", secret="sk-1")
    counts = {"streams": {"ours/a": 2}, "sockets": 3}
    Process.objects.create(id="p", beat_at=NOW, counts=counts)
    samples: list[str] = []
    for place in range(3):
        busy_minute()
        samples += scraped(NOW.timestamp() + APART_SECONDS * (place - 2))
    with prometheus(tmp_path, "\n".join([*samples, "# EOF\n"])) as url:
        for title, expression in expressions():
            found = asked(url, expression, NOW.timestamp())
            assert found, title
            assert all(float(each["value"][1]) > 0 for each in found), (title, found)
