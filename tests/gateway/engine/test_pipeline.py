"""One call through the whole gateway, to a real server."""

from __future__ import annotations

import asyncio

import pytest

from gateway.engine.errors import InvalidRequestError, StreamBrokenError
from gateway.engine.pipeline import Gateway
from gateway.engine.telemetry import CallRecord, KeyChange, Outcome
from gateway.engine.types import Finished, FinishReason, Started, TextDelta, Usage
from tests.gateway.engine.conftest import QUICK_RETRIES, Diary, GatewayFactory, ScriptedFactory
from tests.gateway.engine.upstreams import (
    HERE,
    Received,
    answers,
    ask,
    events,
    good_stream,
    good_whole,
    provider,
    streams,
    word,
)


async def test_it_streams_the_words_of_a_real_server(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))

    chunks = [chunk async for chunk in gateway.stream(ask())]

    assert chunks[0] == Started(HERE, "label of sandbox-1", attempts=1)
    assert "".join(c.text for c in chunks if isinstance(c, TextDelta)) == "We ship there."
    assert chunks[-1] == Finished(FinishReason.STOP, Usage(7, 3))
    assert server.received[0].target == "POST /v1/chat/completions HTTP/1.1"
    assert server.received[0].key == "sandbox-1"
    (record,) = diary.calls
    assert (record.outcome, record.usage, len(record.attempts)) == (
        Outcome.SUCCEEDED,
        Usage(7, 3),
        1,
    )


async def test_it_completes_without_streaming(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)

    completion = await gateway_of(provider(server.url)).complete(ask())

    assert completion.text == "We ship there."
    assert "stream" not in server.received[0].json


async def test_it_reuses_the_connection(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))

    for _ in range(3):
        assert [chunk async for chunk in gateway.stream(ask())]

    assert server.accepted == 1


async def test_it_never_retries_after_the_first_chunk(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We "))), good_stream)
    stream = gateway_of(provider(server.url)).stream(ask())

    received = [await anext(stream), await anext(stream)]
    with pytest.raises(StreamBrokenError):
        await anext(stream)

    assert received == [Started(HERE, "label of sandbox-1", attempts=1), TextDelta("We ")]
    assert len(server.received) == 1


async def test_a_passing_fault_is_tried_again_with_the_same_idempotency_key(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "500 Oops"), answers(b"{}", "502 Oops"), good_whole)
    await gateway_of(provider(server.url), settings=QUICK_RETRIES).complete(ask())

    assert [attempt.status for attempt in diary.calls[0].attempts] == [500, 502, 200]
    assert len({request.headers["idempotency-key"] for request in server.received}) == 1


async def test_a_parameter_that_a_provider_refuses_is_left_out_and_remembered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    refusal = b'{"error": {"message": "Unsupported", "param": "max_completion_tokens"}}'
    server = await scripted(answers(refusal, "400 Bad Request"), good_whole)
    gateway = gateway_of(provider(server.url))
    for _ in range(2):
        await gateway.complete(ask(max_output_tokens=9))

    sent = [request.json for request in server.received]
    assert ["max_tokens" in body for body in sent] == [False, True, True]
    assert len(diary.calls[0].attempts) == 1


async def test_a_provider_that_refuses_everything_is_not_asked_for_ever(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    async def refuse(request: Received, writer: asyncio.StreamWriter) -> None:
        field = next(name for name in request.json if name.startswith("max_"))
        await answers(f'{{"error": {{"param": "{field}"}}}}'.encode(), "400 No")(request, writer)

    server = await scripted(refuse)

    with pytest.raises(InvalidRequestError):
        await gateway_of(provider(server.url)).complete(ask(max_output_tokens=9))
    assert len(server.received) == 3


async def test_an_observer_that_fails_harms_no_call(scripted: ScriptedFactory) -> None:
    class Broken:
        def call_ended(self, record: CallRecord) -> None:
            raise LookupError

        def key_changed(self, change: KeyChange) -> None:
            raise LookupError

    server = await scripted(answers(b"{}", "402 Payment Required"), good_whole)
    gateway = Gateway([provider(server.url, "one", "two")], observers=(Broken(),))

    assert (await gateway.complete(ask())).text == "We ship there."
    await gateway.aclose()
