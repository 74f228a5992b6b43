"""Figures for Prometheus, over all processes, whichever of them is asked.

Everything is a gauge read from rows: a counter in this process's memory would tell of this
process alone, and jump whenever a balancer asks another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.attention import due_of
from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.processes import heartbeats
from gateway.traffic import rests_by_key

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_text(now: datetime) -> bytes:
    """Return the figures in Prometheus' text format; labels name keys, and hold no secret."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(now))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        keys = list(
            ApiKey.objects.exclude(state=KeyState.RETIRED)
            .select_related("provider")
            .order_by("provider__slug", "label")
        )
        yield self._states(keys)
        yield self._resting(keys)
        yield self._due(keys)
        yield from self._processes()

    def _states(self, keys: list[ApiKey]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "chatsite_key_state",
            "1 for the state in which a key is, 0 for the others.",
            labels=("provider", "key", "state"),
        )
        for key in keys:
            for state in KeyState:
                place = (key.provider.slug, key.label, state.value)
                family.add_metric(place, float(key.state == state))
        return family

    def _resting(self, keys: list[ApiKey]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "chatsite_key_resting",
            "1 while a key cools in at least one process.",
            labels=("provider", "key"),
        )
        rests = {slug: rests_by_key(slug, self._now) for slug in {k.provider.slug for k in keys}}
        for key in keys:
            slug = key.provider.slug
            family.add_metric((slug, key.label), float(key.label in rests[slug]))
        return family

    def _due(self, keys: list[ApiKey]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "chatsite_key_due_timestamp_seconds",
            "When a key must have been replaced: it expires, or its provider's rule says so.",
            labels=("provider", "key", "reason"),
        )
        for key in keys:
            due = due_of(key)
            if due is not None:
                # It is good until the end of its last day, in the site's time zone.
                end = datetime.combine(due.on + timedelta(days=1), time())
                moment = timezone.make_aware(end).timestamp()
                place = (key.provider.slug, key.label, due.reason.name.lower())
                family.add_metric(place, moment)
        return family

    def _processes(self) -> Iterator[GaugeMetricFamily]:
        beats = [counts for _beat_at, counts in heartbeats(self._now)]
        yield GaugeMetricFamily(
            "chatsite_processes", "Processes that were heard of lately.", value=len(beats)
        )
        answers = GaugeMetricFamily(
            "chatsite_key_answers",
            "Answers being given with a key right now.",
            labels=("provider", "key"),
        )
        totals: dict[str, int] = {}
        for counts in beats:
            for name, streams in counts.get("streams", {}).items():
                totals[name] = totals.get(name, 0) + int(streams)
        for name, streams in sorted(totals.items()):
            provider, _, label = name.partition("/")
            answers.add_metric((provider, label), streams)
        yield answers
