"""What was counted since the beginning, for monitors: histograms and counters that only grow.

They are read from the database, so whichever process is asked says the same, and a restart
counts nothing down. Names and labels follow OpenTelemetry's conventions for generative AI
where those have a word. How many names there are is bounded: models by ``MOST_NAMES``, errors
by the engine's codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from gateway.figures.histogram import Histogram, end_of
from gateway.figures.reading import Sums, sums_ever
from gateway.figures.tally import Facet

MODEL = ("gen_ai_provider_name", "gen_ai_request_model")
OPERATION = ("gen_ai_operation_name", *MODEL)
CHAT = "chat"
MOST_NAMES = 100
# From 10 ms to a minute and more, each not quite twice the last; edges of our own buckets, so
# that what is told is exact.
EDGES = tuple(range(24, 130, 7))


def counters() -> Iterator[Metric]:
    """Return everything that was counted, as families of Prometheus' metrics."""
    ever = sums_ever([Facet.ALL, Facet.MODEL, Facet.KEY, Facet.ERROR, Facet.TROUBLE])
    total = ever[Facet.ALL].get("", Sums())
    models = _busiest(ever[Facet.MODEL])
    yield from _times(models)
    yield from _of_models(models)
    yield from _of_calls(total)
    yield from _of_waits(total)
    yield from _of_errors(ever)
    yield from _of_keys(_busiest(ever[Facet.KEY]))


def _times(models: Mapping[str, Sums]) -> Iterator[Metric]:
    whole = HistogramMetricFamily(
        "gen_ai_client_operation_duration_seconds",
        "How long answers took that succeeded, to the last word.",
        labels=OPERATION,
    )
    first = HistogramMetricFamily(
        "gen_ai_client_operation_time_to_first_chunk_seconds",
        "How long they took to the first word.",
        labels=OPERATION,
    )
    for name, sums in models.items():
        place = (CHAT, *_split(name))
        for family, times, milliseconds in (
            (whole, sums.total_times, sums.total_ms),
            (first, sums.first_times, sums.first_token_ms),
        ):
            family.add_metric(place, buckets=_buckets(times), sum_value=milliseconds / 1000)
    yield whole
    yield first


def _of_models(models: Mapping[str, Sums]) -> Iterator[Metric]:
    yield _counter(
        "chatsite_model_calls",
        "Calls by model and by how they ended.",
        (*MODEL, "outcome"),
        [
            ((*_split(name), outcome), count)
            for name, sums in models.items()
            for outcome, count in _outcomes(sums)
        ],
    )
    yield _counter(
        "chatsite_tokens",
        "Tokens as providers counted them.",
        (*MODEL, "gen_ai_token_type"),
        [
            ((*_split(name), kind), count)
            for name, sums in models.items()
            for kind, count in (("input", sums.prompt_tokens), ("output", sums.completion_tokens))
        ],
    )


def _of_calls(total: Sums) -> Iterator[Metric]:
    yield _counter(
        "chatsite_calls",
        "Calls by how they ended.",
        ("outcome",),
        [((outcome,), count) for outcome, count in _outcomes(total)],
    )
    yield _counter(
        "chatsite_calls_spared",
        "Calls that were answered without asking a provider.",
        ("how",),
        [(("cached",), total.cached), (("shared",), total.shared)],
    )
    yield _counter(
        "chatsite_attempts_repeated",
        "Attempts after another, with the same key or the next one.",
        ("how",),
        [(("retry",), total.retries), (("rotation",), total.rotations)],
    )
    yield _counter(
        "chatsite_calls_dropped",
        "Calls that could not be written down, and are missing everywhere else.",
        (),
        [((), total.dropped)],
    )
    yield _counter(
        "chatsite_cost",
        "What answers have cost, as far as their prices are known.",
        ("currency",),
        [((currency,), float(cost)) for currency, cost in sorted(total.costs.items())],
    )


def _of_waits(total: Sums) -> Iterator[Metric]:
    yield _counter(
        "chatsite_calls_waited",
        "Calls that stood in a line or between attempts.",
        ("priority",),
        [(("chat",), total.waited_chat), (("batch",), total.waited_batch)],
    )
    yield _counter(
        "chatsite_calls_waited_seconds",
        "How long they waited together.",
        ("priority",),
        [(("chat",), total.wait_chat_ms / 1000), (("batch",), total.wait_batch_ms / 1000)],
    )


def _of_errors(ever: Mapping[Facet, Mapping[str, Sums]]) -> Iterator[Metric]:
    yield _counter(
        "chatsite_call_errors",
        "Calls that failed, by error.",
        ("error_type",),
        [((name,), sums.calls) for name, sums in ever[Facet.ERROR].items()],
    )
    yield _counter(
        "chatsite_attempt_errors",
        "Attempts that failed, by error; the call may have succeeded with another.",
        ("error_type",),
        [((name,), sums.faults) for name, sums in ever[Facet.TROUBLE].items()],
    )


def _of_keys(keys: Mapping[str, Sums]) -> Iterator[Metric]:
    yield _counter(
        "chatsite_key_attempts",
        "Requests to a provider by key.",
        ("provider", "key"),
        [(_split(name), sums.attempts) for name, sums in keys.items()],
    )
    yield _counter(
        "chatsite_key_attempts_failed",
        "As above, those that failed.",
        ("provider", "key"),
        [(_split(name), sums.faults) for name, sums in keys.items()],
    )


def _counter(
    name: str, about: str, labels: Iterable[str], rows: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = CounterMetricFamily(name, about, labels=tuple(labels))
    for values, count in rows:
        family.add_metric(values, count)
    return family


def _outcomes(sums: Sums) -> tuple[tuple[str, int], ...]:
    return (
        ("succeeded", sums.succeeded),
        ("failed", sums.failed),
        ("cancelled", sums.cancelled),
    )


def _buckets(times: Histogram) -> list[tuple[str, float]]:
    edges = [(f"{end_of(edge) / 1000:.4g}", float(times.at_most(edge))) for edge in EDGES]
    return [*edges, ("+Inf", float(times.total))]


def _busiest(names: Mapping[str, Sums]) -> dict[str, Sums]:
    ordered = sorted(names.items(), key=lambda pair: (-pair[1].attempts, pair[0]))
    return dict(sorted(ordered[:MOST_NAMES]))


def _split(name: str) -> tuple[str, str]:
    # A slug holds no slash; what comes after it may.
    slug, _, rest = name.partition("/")
    return slug, rest
