"""A call becomes a span, sent by the real SDK over a real socket, without secrets and words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from pytest_django.fixtures import Settings

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.engine.telemetry import CallRecord
from gateway.engine.types import ChatMessage, ChatRequest, Role
from gateway.logcontext import logging_about
from gateway.runtime import gateway, gateway_close
from gateway.sandbox import server as sandbox
from gateway.selectors import default_route
from gateway.tracing import CLOSE_SECONDS, tracer_of_settings
from tests.collector import Collector, collector
from tests.free_port import port_free
from tests.gateway.figures.records import AT, LARGE, attempt, failure, record

# More calls end than wait for a collector at the most.
AWAY = """
import time
from django.conf import settings
settings.configure(OTEL_EXPORTER_OTLP_ENDPOINT="{endpoint}", OTEL_EXPORTER_OTLP_HEADERS="")
from gateway.tracing import tracer_of_settings
from tests.gateway.figures.records import record
tracer = tracer_of_settings()
began = time.monotonic()
for _ in range(3000):
    tracer.call_ended(record())
called = time.monotonic()
tracer.close()
print(called - began, time.monotonic() - called)
"""


def values(pairs: list[KeyValue]) -> dict[str, object]:
    return {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in pairs}


def told(settings: Settings, to: Collector, *records: CallRecord) -> list[Span]:
    """Return the spans that arrive when these calls end."""
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = to.url + "/"
    tracer = tracer_of_settings()
    assert tracer is not None
    with logging_about(request="request-0123"):
        for each in records:
            tracer.call_ended(each)
    tracer.close()
    spans = []
    for posted in to.posted:
        assert posted.path == "/v1/traces"
        request = ExportTraceServiceRequest.FromString(posted.body)
        for resource in request.resource_spans:
            assert values(list(resource.resource.attributes))["service.name"] == "chatsite"
            spans += [span for scope in resource.scope_spans for span in scope.spans]
    return sorted(spans, key=lambda span: span.parent_span_id)


def test_a_call_is_told_by_the_conventions_for_generative_ai(settings: Settings) -> None:
    with collector() as to:
        span, child = told(settings, to, record())
    assert (span.name, span.kind) == ("chat small", Span.SPAN_KIND_CLIENT)
    attributes = values(list(span.attributes))
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "ours",
        "gen_ai.request.model": "small",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.conversation.id": "c-1",
        "chatsite.request.id": "request-0123",
        "chatsite.widget": "7",
        "chatsite.prompt_version": "3",
        "chatsite.outcome": "succeeded",
    }
    assert expected.items() <= attributes.items()
    assert "error.type" not in attributes
    assert span.start_time_unix_nano == int(AT * 1e9)
    assert span.end_time_unix_nano - span.start_time_unix_nano == 1_500_000_000
    assert (child.trace_id, child.parent_span_id) == (span.trace_id, span.span_id)


def test_attempts_lie_below_their_call_in_their_order_and_say_why_they_failed(
    settings: Settings,
) -> None:
    attempts = (attempt("a", "throttled"), attempt("b", target=LARGE, wait=0.5))
    with collector() as to:
        call, *children = told(settings, to, record(*attempts))
    first, second = sorted(children, key=lambda span: span.start_time_unix_nano)
    assert values(list(first.attributes))["error.type"] == "throttled"
    assert first.status.code == Status.STATUS_CODE_ERROR
    assert values(list(first.attributes))["chatsite.key"] == "a"
    assert (second.name, second.status.code) == ("chat large", Status.STATUS_CODE_UNSET)
    assert second.start_time_unix_nano - first.end_time_unix_nano == pytest.approx(5e8, abs=1000)
    assert values(list(call.attributes))["chatsite.attempts"] == 2


def test_a_call_that_failed_says_so(settings: Settings) -> None:
    with collector() as to:
        call, _ = told(settings, to, failure(attempt("a", "transient")))
    assert values(list(call.attributes))["error.type"] == "transient"
    assert call.status.code == Status.STATUS_CODE_ERROR
    assert call.status.message == ""


def test_labels_that_nobody_agreed_on_stay_at_home(settings: Settings) -> None:
    secret = {"customer": "ann@shop.example", "note": "sk-canary"}
    with collector() as to:
        told(settings, to, record(labels=secret))
        sent = b"".join(posted.body for posted in to.posted)
    assert b"ann@shop.example" not in sent
    assert b"sk-canary" not in sent


def test_headers_for_the_collector_are_sent(settings: Settings) -> None:
    settings.OTEL_EXPORTER_OTLP_HEADERS = "Authorization=Bearer%20word,x-team=ours"
    with collector() as to:
        told(settings, to, record())
    headers = {name.lower(): value for name, value in to.posted[0].headers.items()}
    assert (headers["authorization"], headers["x-team"]) == ("Bearer word", "ours")


def test_a_collector_that_is_away_holds_up_nobody() -> None:
    # In a process of its own: the SDK's threads go on trying for a minute.
    program = AWAY.format(endpoint=f"http://127.0.0.1:{port_free()}")
    ran = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program], check=True, timeout=60, capture_output=True, text=True
    )
    calling, closing = map(float, ran.stdout.split())
    assert calling < 20
    assert closing < CLOSE_SECONDS + 2


@pytest.mark.django_db(transaction=True)
async def test_a_call_through_the_gateway_is_told(settings: Settings) -> None:
    with collector() as to:
        settings.OTEL_EXPORTER_OTLP_ENDPOINT = to.url
        stand_in = await sandbox.start()
        try:
            await db.write(bootstrap, sandbox_url=stand_in.url)
            through = await gateway()
            route = await db(default_route)
            hello = (ChatMessage(Role.USER, "Hello"),)
            await through.complete(ChatRequest(messages=hello, route=route))
        finally:
            await gateway_close()
            await stand_in.stop()
    sent = b"".join(posted.body for posted in to.posted)
    assert b"gen_ai.usage.output_tokens" in sent
    assert b"Hello" not in sent


def test_without_an_endpoint_no_sdk_is_loaded(settings: Settings) -> None:
    assert tracer_of_settings() is None
    code = (
        "import sys; from django.conf import settings; settings.configure();"
        "settings.OTEL_EXPORTER_OTLP_ENDPOINT = '';"
        "from gateway.tracing import tracer_of_settings; assert tracer_of_settings() is None;"
        "sys.exit(any(name.startswith(('opentelemetry', 'requests')) for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)  # noqa: S603 - ours
    assert ran.returncode == 0
