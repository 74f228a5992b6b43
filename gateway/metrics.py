"""Figures for Prometheus, over all processes, whichever of them is asked.

Everything is read from rows: a counter in this process's memory would tell of this process
alone, and jump whenever a balancer asks another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.attention import due_of
from gateway.counters import counters
from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.processes import Heartbeat, KeyName, heartbeats

__all__ = ["CONTENT_TYPE", "metrics_text"]

KEY = ("provider", "key")


def metrics_text(now: datetime) -> bytes:
    """Return the figures in Prometheus' text format; labels name keys, and hold no secret.

    A key that is retired, or whose provider is switched off, is not there.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(now))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        in_use = ApiKey.objects.exclude(state=KeyState.RETIRED).filter(provider__is_active=True)
        keys = list(in_use.select_related("provider").order_by("provider__slug", "label"))
        yield from _of_keys(keys)
        yield from _of_processes(heartbeats(self._now), [_name(key) for key in keys], self._now)
        yield from counters()


def _of_keys(keys: Sequence[ApiKey]) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "chatsite_key_state",
        "1 for the state in which a key is, 0 for the others.",
        (*KEY, "state"),
        [((*_name(key), state.value), key.state == state) for key in keys for state in KeyState],
    )
    yield _gauge(
        "chatsite_key_due_timestamp_seconds",
        "When a key must have been replaced: it expires, or its provider's rule says so.",
        (*KEY, "reason"),
        [
            ((*_name(key), due.reason.name.lower()), _end_of(due.on))
            for key in keys
            if (due := due_of(key))
        ],
    )


def _of_processes(
    beats: Sequence[Heartbeat], names: Sequence[KeyName], now: datetime
) -> Iterator[GaugeMetricFamily]:
    answers: Counter[KeyName] = Counter()
    resting: Counter[KeyName] = Counter()
    for beat in beats:
        answers.update(beat.answers)
        resting.update(beat.resting(now).keys())
    yield _gauge(
        "chatsite_key_answers",
        "Answers being given with a key right now.",
        KEY,
        [(name, answers[name]) for name in names],
    )
    yield _gauge(
        "chatsite_key_resting_processes",
        "In how many processes a key cools.",
        KEY,
        [(name, resting[name]) for name in names],
    )
    yield _gauge(
        "chatsite_open_chats",
        "Chats whose socket is open, a few seconds ago.",
        (),
        [((), sum(beat.sockets for beat in beats))],
    )
    yield _gauge(
        "chatsite_processes", "Processes that were heard of lately.", (), [((), len(beats))]
    )
    yield _gauge(
        "chatsite_processes_wanted",
        "Processes that there should be: PROCESSES.",
        (),
        [((), settings.PROCESSES)],
    )


def _gauge(
    name: str, about: str, labels: Sequence[str], rows: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, figure in rows:
        family.add_metric(values, float(figure))
    return family


def _name(key: ApiKey) -> KeyName:
    return key.provider.slug, key.label


def _end_of(day: date) -> float:
    # A key is good until the end of its last day, in the site's time zone.
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())).timestamp()
