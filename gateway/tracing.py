"""Traces for OpenTelemetry: each call a span, each of its attempts a span below it.

Names follow OpenTelemetry's conventions for generative AI (opentelemetry.io, "Semantic conventions
for generative client AI spans", still in development); what those have no word for begins with
``chatsite``. A span carries ids, counts and codes: no word of anybody's, and no secret.

The SDK is an extra, ``chatsite[opentelemetry]``, and is imported only where an endpoint is set. It
sends from a thread of its own, keeps a bounded number of spans, and drops what it cannot deliver.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings

from gateway.engine.telemetry import AttemptRecord, CallRecord, KeyChange, Outcome
from gateway.engine.types import Target
from gateway.logcontext import log_about

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

SERVICE = "chatsite"
EXPORT_SECONDS = 5.0
CLOSE_SECONDS = 3.0
OPERATION = "chat"

Attributes: TypeAlias = "dict[str, str | int | float | bool]"


def tracer_of_settings() -> Tracer | None:
    """Return a tracer that sends to ``OTEL_EXPORTER_OTLP_ENDPOINT``; None where none is set.

    Raises:
        ModuleNotFoundError: The extra is not installed.
    """
    endpoint: str = settings.OTEL_EXPORTER_OTLP_ENDPOINT
    if not endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - as above
    from opentelemetry.util.re import parse_env_headers  # noqa: PLC0415 - as above

    exporter = OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces",
        headers=parse_env_headers(settings.OTEL_EXPORTER_OTLP_HEADERS, liberal=True),
        timeout=EXPORT_SECONDS,
    )
    provider = TracerProvider(
        resource=Resource.create({"service.name": SERVICE}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracer(provider)


class Tracer:
    """An observer that makes spans of calls once they have ended.

    Args:
        provider: Who takes the spans.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(SERVICE)

    def call_ended(self, record: CallRecord) -> None:
        """Take the record of a call."""
        from opentelemetry.context import Context  # noqa: PLC0415 - an extra
        from opentelemetry.trace import set_span_in_context  # noqa: PLC0415 - an extra

        span = self._begin(
            record.target, record.started_at, {**_of_call(record), **_request()}, Context()
        )
        within = set_span_in_context(span)
        for attempt, began, ended in _timed(record):
            child = self._begin(attempt.target, began, _of_attempt(attempt), within)
            self._end(child, ended, attempt.error_code)
        self._end(span, record.started_at + record.total_seconds, record.error_code)

    def key_changed(self, change: KeyChange) -> None:
        """Leave it to the log: a key is no span."""

    def close(self) -> None:
        """Send what is left, for ``CLOSE_SECONDS`` at the most, and stop; it blocks."""
        # The SDK's own patience is half a minute, and longer than a site may take to end.
        ending = Thread(target=self._provider.shutdown, name="tracing-ends", daemon=True)
        ending.start()
        ending.join(CLOSE_SECONDS)

    def _begin(
        self, target: Target | None, at: float, attributes: Attributes, parent: Context
    ) -> Span:
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - an extra

        name = f"{OPERATION} {target.model}" if target else OPERATION
        return self._tracer.start_span(
            name,
            context=parent,
            kind=SpanKind.CLIENT,
            attributes=_of_target(target) | attributes,
            start_time=_nanoseconds(at),
        )

    @staticmethod
    def _end(span: Span, at: float, error_code: str) -> None:
        from opentelemetry.trace import StatusCode  # noqa: PLC0415 - an extra

        if error_code:
            span.set_attribute("error.type", error_code)
            span.set_status(StatusCode.ERROR)
        span.end(_nanoseconds(at))


def _of_target(target: Target | None) -> Attributes:
    found: Attributes = {"gen_ai.operation.name": OPERATION}
    if target is not None:
        found["gen_ai.provider.name"] = target.provider
        found["gen_ai.request.model"] = target.model
    return found


def _of_call(record: CallRecord) -> Attributes:
    found: Attributes = {
        "chatsite.call.id": record.id,
        "chatsite.outcome": record.outcome.value,
        "chatsite.priority": record.priority.value,
        "chatsite.attempts": len(record.attempts),
        "chatsite.queue_seconds": record.queue_seconds,
        "chatsite.is_cached": record.is_cached,
        "chatsite.is_shared": record.is_shared,
    }
    if conversation := record.labels.get("conversation"):
        found["gen_ai.conversation.id"] = conversation
    for label in ("widget", "prompt_version", "reply"):
        if value := record.labels.get(label):
            found[f"chatsite.{label}"] = value
    if record.first_token_seconds is not None:
        found["gen_ai.response.time_to_first_chunk"] = record.first_token_seconds
    if record.usage is not None:
        found["gen_ai.usage.input_tokens"] = record.usage.prompt_tokens
        found["gen_ai.usage.output_tokens"] = record.usage.completion_tokens
    if record.outcome is Outcome.SUCCEEDED and record.cost is not None:
        found["chatsite.cost"] = float(record.cost)
        found["chatsite.currency"] = record.currency
    return found


def _request() -> Attributes:
    name = log_about().get("request")
    return {"chatsite.request.id": name} if name else {}


def _of_attempt(attempt: AttemptRecord) -> Attributes:
    found: Attributes = {"chatsite.key": attempt.key_label}
    if attempt.status is not None:
        found["http.response.status_code"] = int(attempt.status)
    return found


def _timed(record: CallRecord) -> Iterator[tuple[AttemptRecord, float, float]]:
    """Yield each attempt with its beginning, and its end: the first word, or a failure."""
    now = record.started_at
    for attempt in record.attempts:
        began = now + attempt.wait_seconds
        now = began + attempt.took_seconds
        yield attempt, began, now


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
