from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from gateway.sandbox.misbehaviour import Misbehaviour
from gateway.sandbox.server import Pace, Sandbox, start

CHAT = [
    {"role": "system", "content": "Q: How long does shipping take?\nA: Two to four days."},
    {"role": "user", "content": "How long does shipping take?"},
]
SAID = "Happy to help!\n\nTwo to four days."


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"authorization": "Bearer sandbox-one"}) as session:
        yield session


def call(**changes: Any) -> dict[str, Any]:
    return {"model": "sandbox-1", "messages": CHAT, **changes}


async def events(response: aiohttp.ClientResponse) -> list[Any]:
    lines = (await response.text()).split("\n\n")
    data = [line.removeprefix("data: ") for line in lines if line]
    assert data.pop() == "[DONE]"
    return [json.loads(event) for event in data]


async def test_it_answers_whole(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{sandbox.url}/chat/completions", json=call()) as response:
        body = await response.json()
    assert body["choices"][0]["message"] == {"role": "assistant", "content": SAID}
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["usage"]["total_tokens"] == (
        body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"]
    )


async def test_it_streams_the_role_then_words_then_the_finish(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{sandbox.url}/chat/completions", json=call(stream=True)) as response:
        assert response.content_type == "text/event-stream"
        got = await events(response)
    deltas = [event["choices"][0]["delta"] for event in got]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert len(deltas) > 5
    assert "".join(delta.get("content", "") for delta in deltas) == SAID
    assert got[-1]["choices"][0]["finish_reason"] == "stop"
    assert all("usage" not in event for event in got)


async def test_it_tells_its_usage_when_asked(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    body = call(stream=True, stream_options={"include_usage": True})
    async with http.post(f"{sandbox.url}/chat/completions", json=body) as response:
        got = await events(response)
    assert got[-1]["choices"] == []
    assert got[-1]["usage"]["completion_tokens"] == len(got) - 3


async def test_it_stops_at_the_token_limit_and_says_so(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{sandbox.url}/chat/completions", json=call(max_tokens=2)) as response:
        choice = (await response.json())["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Happy to", "length")


async def test_it_lists_its_models(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{sandbox.url}/models") as response:
        assert [model["id"] for model in (await response.json())["data"]] == ["sandbox-1"]


@pytest.mark.parametrize("key", ["Bearer sk-real", "Basic sandbox-one", ""])
async def test_it_refuses_keys_that_are_not_for_it(sandbox: Sandbox, key: str) -> None:
    async with (
        aiohttp.ClientSession(headers={"authorization": key}) as session,
        session.post(f"{sandbox.url}/chat/completions", json=call()) as response,
    ):
        assert response.status == 401
        assert (await response.json())["error"]["code"] == "invalid_api_key"


async def test_it_refuses_a_revoked_key(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    sandbox.revoked.add("sandbox-one")
    async with http.post(f"{sandbox.url}/chat/completions", json=call()) as response:
        assert response.status == 401
    assert not sandbox.calls


async def test_it_fails_every_call_of_a_key_that_goes_wrong(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    sandbox.wrongs["sandbox-one"] = Misbehaviour(status=429, retry_after="4")
    async with http.post(f"{sandbox.url}/chat/completions", json=call()) as response:
        assert (response.status, response.headers["retry-after"]) == (429, "4")
    assert sandbox.calls["sandbox-one"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("not json", 400),
        ("[]", 400),
        ('{"model": "sandbox-1"}', 400),
        ('{"model": "sandbox-1", "messages": [{"role": "user"}]}', 400),
        ('{"model": "sandbox-1", "messages": [{"role": "wizard", "content": "x"}]}', 400),
        (json.dumps({"model": "sandbox-1", "messages": CHAT, "max_tokens": 0}), 400),
        ('{"model": "gpt-9", "messages": [{"role": "user", "content": "x"}]}', 404),
    ],
)
async def test_it_refuses_calls_that_make_no_sense(
    sandbox: Sandbox, http: aiohttp.ClientSession, body: str, status: int
) -> None:
    async with http.post(f"{sandbox.url}/chat/completions", data=body) as response:
        assert response.status == status
        assert (await response.json())["error"]["type"] == "invalid_request_error"


async def test_it_fails_with_the_status_it_was_asked_for(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    wish = {"x-sandbox-fault": "429 retry-after 7"}
    async with http.post(f"{sandbox.url}/chat/completions", json=call(), headers=wish) as response:
        assert response.status == 429
        assert response.headers["retry-after"] == "7"


async def test_it_hangs_up_in_the_middle_when_asked_to(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    body = call(model="sandbox-1!cut=2", stream=True)
    async with http.post(f"{sandbox.url}/chat/completions", json=body) as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_it_falls_silent_when_asked_to_and_notices_who_leaves(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    body = call(model="sandbox-1!stall=1", stream=True)
    async with http.post(f"{sandbox.url}/chat/completions", json=body) as response:
        assert b'"assistant"' in await response.content.readuntil(b"\n\n")
        assert b"Happy" in await response.content.readuntil(b"\n\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await response.content.read(1)
        assert sandbox.open_streams == 1
    async with asyncio.timeout(2):
        while sandbox.open_streams:
            await asyncio.sleep(0.005)


async def test_it_speaks_at_the_pace_it_was_given(http: aiohttp.ClientSession) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    sandbox = await start(pace=Pace(first_seconds=0.2, word_seconds=0.03), sleep=sleep)
    async with http.post(f"{sandbox.url}/chat/completions", json=call(max_tokens=2)) as response:
        await response.read()
    await sandbox.stop()
    assert slept == [0.2, 0.03, 0.03]


async def test_a_taken_port_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="address already in use"):
        await start(port=sandbox.port)


async def test_it_plays_a_script_instead_of_an_answer(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    body = call(model="sandbox-1!html with 200")
    async with http.post(f"{sandbox.url}/chat/completions", json=body) as response:
        assert response.status == 200
        assert await response.text() == "<!doctype html><p>Welcome"


async def test_a_script_can_reset_the_connection(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    body = call(model="sandbox-1!reset before headers")
    with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
        await http.post(f"{sandbox.url}/chat/completions", json=body)
    assert sandbox.open_streams == 0


async def test_a_script_without_end_stops_when_the_caller_leaves(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    body = call(model="sandbox-1!a flood of words", stream=True)
    async with http.post(f"{sandbox.url}/chat/completions", json=body) as response:
        await response.content.readexactly(100_000)
        assert sandbox.open_streams == 1
    async with asyncio.timeout(2):
        while sandbox.open_streams:
            await asyncio.sleep(0.005)
