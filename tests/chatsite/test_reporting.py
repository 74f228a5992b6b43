"""Errors reach Sentry through the real SDK over a real socket, and say nobody's words."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
import sentry_sdk
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django.fixtures import Settings

from chatsite import checks
from chatsite.reporting import reporting_begin
from gateway.engine.config import Pool
from gateway.engine.wire import Wire
from gateway.logcontext import logging_about
from tests.collector import Collector, collector

WORDS = "my card is 4111111111111111"


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError(WORDS)


urlpatterns = [path("breaks/", breaks)]


@pytest.fixture
def sentry() -> Iterator[Collector]:
    """A Sentry that this process reports to."""
    with collector() as to:
        reporting_begin(to.url.replace("http://", "http://public@") + "/42")
        yield to
        sentry_sdk.init()


def reported(to: Collector) -> list[dict[str, Any]]:
    """Return the events that arrived."""
    sentry_sdk.flush(timeout=5)
    events = []
    for posted in to.posted:
        assert posted.path == "/api/42/envelope/"
        lines = posted.body.split(b"\n")
        kinds = [json.loads(line).get("type") for line in lines[1::2] if line]
        assert set(kinds) == {"event"}
        events += [json.loads(line) for line in lines[2::2] if line]
    return events


def raw(to: Collector) -> str:
    return b"".join(posted.body for posted in to.posted).decode()


def test_an_error_is_told_by_its_kind_and_place_and_the_ids_it_is_about(sentry: Collector) -> None:
    with logging_about(conversation="c-9", request="r-1"):
        try:
            os.environ[WORDS]
        except KeyError:
            logging.getLogger("gateway.somewhere").exception("It broke for %s.", WORDS)
    [event] = reported(sentry)
    [exception] = event["exception"]["values"]
    assert exception["type"] == "KeyError"
    [first, *_] = exception["stacktrace"]["frames"]
    assert first["filename"] == "tests/chatsite/test_reporting.py"
    assert "vars" not in first
    assert event["tags"] == {"conversation": "c-9", "request": "r-1"}
    assert event["logentry"] == {"message": "It broke for %s."}
    assert WORDS not in raw(sentry)


def test_what_others_log_may_be_anything_so_only_its_kind_leaves(sentry: Collector) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved: %s" % WORDS)  # noqa: G002, UP031 - as asyncio does
    [event] = reported(sentry)
    assert event["logger"] == "asyncio"
    assert "logentry" not in event
    assert WORDS not in raw(sentry)


def test_a_request_that_breaks_is_told_without_the_request(
    sentry: Collector, settings: Settings
) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False, headers={"authorization": "Bearer canary-1"})
    client.cookies["sessionid"] = "canary-2"
    with logging_about():
        client.get("/breaks/?word=canary-3", REMOTE_ADDR="198.51.100.7")
    events = reported(sentry)
    assert [event["exception"]["values"][0]["type"] for event in events] == ["ValueError"]
    for secret in ("canary", WORDS, "198.51.100.7"):
        assert secret not in raw(sentry)
    assert not {"request", "user", "breadcrumbs", "extra", "server_name"} & set(events[0])


async def test_a_provider_is_told_nothing_of_sentry(sentry: Collector) -> None:
    wire = Wire(pool=Pool(), connect_seconds=5, proxy_url=None, allow_private=True)
    with collector() as provider:
        async with aclosing(wire), wire.post(provider.url, {"Content-Length": "2"}, b"{}"):
            pass
    [asked] = provider.posted
    assert not {"baggage", "sentry-trace"} & {name.lower() for name in asked.headers}


def test_what_is_set_but_cannot_be_sent_keeps_the_site_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not list(checks.check_reporting())
    settings.SENTRY_DSN = "https://public@sentry.example/1"
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector:4318"
    assert not list(checks.check_reporting())
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "collector:4318"
    assert [message.id for message in checks.check_reporting()] == ["chatsite.E022"]
    monkeypatch.setattr(checks, "find_spec", lambda _: None)
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = ""
    assert [message.id for message in checks.check_reporting()] == ["chatsite.E023"]
