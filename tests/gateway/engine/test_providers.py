from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gateway.engine.errors import InvalidRequestError
from gateway.engine.providers import (
    DIALECTS,
    Dialect,
    completions_url,
    dialect_without,
    request_body,
    request_headers,
)
from gateway.engine.types import ChatMessage, ChatRequest, Role, Target
from tests.gateway.engine.upstreams import ask

FULL = ask(temperature=0.5, max_output_tokens=100)


def body(name: str, request: ChatRequest = FULL, *, stream: bool = True) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(
        request_body(DIALECTS[name], request, "m", stream=stream)
    )
    return parsed


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://api.deepseek.com/", "https://api.deepseek.com/chat/completions"),
        (
            "https://open.bigmodel.cn/api/paas/v4",
            "https://open.bigmodel.cn/api/paas/v4/chat/completions",
        ),
        (
            "https://r.openai.azure.com/openai/deployments/{model}?api-version=2024",
            "https://r.openai.azure.com/openai/deployments/a%2Fb/chat/completions?api-version=2024",
        ),
    ],
)
def test_a_base_url_is_opaque(base_url: str, url: str) -> None:
    assert completions_url(base_url, "a/b") == url


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_sends_the_conversation(name: str) -> None:
    sent = body(name)

    assert sent["messages"] == [{"role": "user", "content": "Do you ship to Norway?"}]
    assert (sent["model"], sent["stream"], sent["temperature"]) == ("m", True, 0.5)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("openai", "max_completion_tokens"),
        ("azure", "max_completion_tokens"),
        ("mistral", "max_tokens"),
        ("ollama", "max_tokens"),
        ("deepseek", "max_tokens"),
    ],
)
def test_each_names_the_output_limit_its_own_way(name: str, field: str) -> None:
    assert body(name)[field] == 100


@pytest.mark.parametrize(
    ("name", "asks"), [("openai", True), ("mistral", False), ("openrouter", False)]
)
def test_usage_is_asked_for_where_it_must_be_and_may_be(name: str, asks: bool) -> None:  # noqa: FBT001  # a column of the table
    assert ("stream_options" in body(name)) is asks
    assert "stream_options" not in body(name, stream=False)


def test_what_the_caller_left_open_is_left_to_the_provider() -> None:
    assert set(body("openai", ask(), stream=False)) == {"model", "messages"}


def test_a_lone_surrogate_does_not_stop_a_call() -> None:
    request = ChatRequest(
        messages=(ChatMessage(Role.USER, "hi \ud83d"),), route=(Target("p", "m"),)
    )

    assert body("openai", request)["messages"] == [{"role": "user", "content": "hi ?"}]


def test_azure_wants_the_key_in_a_header_of_its_own() -> None:
    assert request_headers(DIALECTS["azure"], "k", "id", stream=True)["api-key"] == "k"
    assert (
        request_headers(DIALECTS["openai"], "k", "id", stream=True)["Authorization"] == "Bearer k"
    )


@pytest.mark.parametrize(
    ("complaint", "change"),
    [
        ("max_completion_tokens", {"token_field": "max_tokens"}),
        ("temperature", {"sends_temperature": False}),
        ("stream_options", {"asks_usage": False}),
    ],
)
def test_a_dialect_avoids_what_the_provider_complained_about(
    complaint: str, change: dict[str, Any]
) -> None:
    dialect = DIALECTS["openai"]

    adapted = dialect_without(dialect, InvalidRequestError(parameter=complaint))

    assert adapted == replace(dialect, **change)


@pytest.mark.parametrize("complaint", ["max_tokens", None])
def test_it_changes_nothing_for_what_it_did_not_send(complaint: str | None) -> None:
    assert dialect_without(DIALECTS["openai"], InvalidRequestError(parameter=complaint)) is None


def test_it_does_not_avoid_the_same_thing_twice() -> None:
    dialect = Dialect(sends_temperature=False, asks_usage=False)
    for parameter in ("temperature", "stream_options"):
        assert dialect_without(dialect, InvalidRequestError(parameter=parameter)) is None


def test_without_temperature_none_is_sent() -> None:
    sent = json.loads(request_body(Dialect(sends_temperature=False), FULL, "m", stream=False))

    assert "temperature" not in sent
