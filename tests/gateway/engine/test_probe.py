"""A probe tries a key for real, and of the provider's words only names and numbers pass."""

from __future__ import annotations

import asyncio
import json

import pytest

from gateway.engine.config import Secret
from gateway.engine.errors import GatewayError
from gateway.engine.probe import key_probe
from gateway.sandbox.faults import FAULTS, complaint
from tests.gateway.engine.conftest import ScriptedFactory
from tests.gateway.engine.upstreams import (
    Behaviour,
    Received,
    answers,
    events,
    plays,
    provider,
    word,
)

SECRET = "sk-canary-7f3e"
END = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
LISTED = ("chat-1", "embed-2")


def listed(*names: object, headers: str = "") -> Behaviour:
    body = json.dumps({"data": [{"id": name} for name in names]}).encode()
    return answers(body, headers=headers)


def said(headers: str = "") -> Behaviour:
    kind = "Content-Type: text/event-stream\r\n"
    return answers(events(word("Yes."), END, "[DONE]"), headers=kind + headers)


async def test_a_key_that_serves_shows_its_models_and_limits(scripted: ScriptedFactory) -> None:
    server = await scripted(
        listed(*LISTED),
        said("X-RateLimit-Remaining-Requests: 59\r\nX-RateLimit-Reset-Requests: 6m0s\r\n"),
    )
    probe = await key_probe(provider(server.url), Secret(SECRET))
    assert (probe.serves, probe.model, probe.models) == (True, "chat-1", LISTED)
    assert probe.limits == (("remaining-requests", "59"), ("reset-requests", "6m0s"))
    assert [request.key for request in server.received] == [SECRET, SECRET]
    assert [request.target for request in server.received] == [
        "GET /v1/models HTTP/1.1",
        "POST /v1/chat/completions HTTP/1.1",
    ]
    assert server.open_connections == 0


async def test_the_model_that_was_named_is_asked(scripted: ScriptedFactory) -> None:
    server = await scripted(listed(*LISTED), said())
    assert (await key_probe(provider(server.url), Secret(SECRET), "mine")).model == "mine"
    assert server.received[-1].json["model"] == "mine"


async def test_a_provider_without_a_list_is_asked_all_the_same(scripted: ScriptedFactory) -> None:
    server = await scripted(plays(FAULTS["404"]), said())
    probe = await key_probe(provider(server.url), Secret(SECRET), "mine")
    assert (probe.serves, probe.models) == (True, ())


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("401", "bad_credential"),
        ("429", "throttled"),
        ("429 quota", "quota_spent"),
        ("500", "transient"),
        ("404", "model_missing"),
    ],
)
async def test_a_key_that_does_not_serve_says_why_and_repeats_nothing_it_was_told(
    scripted: ScriptedFactory, fault: str, code: str
) -> None:
    server = await scripted(listed("chat-1"), plays(FAULTS[fault]))
    probe = await key_probe(provider(server.url), Secret(SECRET))
    assert probe.error is not None
    assert (probe.serves, probe.error.code) == (False, code)
    assert "canary" not in repr(probe)
    assert len(server.received) == 2


async def test_a_refused_list_counts_when_nobody_can_be_asked(scripted: ScriptedFactory) -> None:
    server = await scripted(plays(FAULTS["401"]))
    probe = await key_probe(provider(server.url), Secret(SECRET))
    assert probe.error is not None
    assert probe.error.code == "bad_credential"


async def test_what_is_no_name_and_no_number_is_left_out(scripted: ScriptedFactory) -> None:
    names = ("fine", "<b>no</b>", f"echo-{SECRET}", 7, "x" * 200)
    echo = f"X-RateLimit-Limit-Requests: {SECRET}\r\nX-RateLimit-{SECRET}: 1\r\n"
    server = await scripted(listed(*names, headers=echo), said(echo))
    probe = await key_probe(provider(server.url), Secret(SECRET), "fine")
    assert (probe.models, probe.limits) == (("fine",), ())


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": 1}', b'{"data": [1]}'])
async def test_a_list_that_is_none_is_no_fault(scripted: ScriptedFactory, body: bytes) -> None:
    server = await scripted(answers(body), said())
    assert (await key_probe(provider(server.url), Secret(SECRET), "mine")).serves


async def test_a_complaint_about_a_parameter_is_met_as_in_real_calls(
    scripted: ScriptedFactory,
) -> None:
    async def picky(request: Received, writer: asyncio.StreamWriter) -> None:
        if "max_completion_tokens" in request.json:
            script = complaint("400 Bad Request", message="Unsupported: max_completion_tokens")
            await plays(script)(request, writer)
        else:
            await said()(request, writer)

    server = await scripted(listed("chat-1"), picky)
    probe = await key_probe(provider(server.url), Secret(SECRET))
    assert probe.serves


async def test_a_provider_that_says_nothing_is_given_up(scripted: ScriptedFactory) -> None:
    server = await scripted(plays(FAULTS["silence"]))
    probe = await key_probe(provider(server.url), Secret(SECRET), "mine", seconds=0.2)
    assert isinstance(probe.error, GatewayError)
    assert probe.error.code == "deadline_exceeded"


async def test_a_private_address_is_not_called_unless_allowed(scripted: ScriptedFactory) -> None:
    server = await scripted(listed("chat-1"))
    config = provider(server.url, allow_private=False)
    probe = await key_probe(config, Secret(SECRET))
    assert probe.error is not None
    assert probe.error.code == "address_blocked"
    assert server.received == []
