from __future__ import annotations

import pytest

from gateway.engine.config import KeyStanding
from gateway.engine.errors import NoKeyError, StreamBrokenError
from gateway.engine.telemetry import Outcome
from gateway.engine.types import Finished, FinishReason, Started, Target, TextDelta, Usage
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory
from tests.gateway.engine.upstreams import (
    answers,
    ask,
    events,
    good_stream,
    good_whole,
    provider,
    streams,
    word,
)

HERE = Target("here", "model-1")


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


async def test_it_takes_the_next_key_when_one_is_refused(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "401 Unauthorized"), good_stream)
    gateway = gateway_of(provider(server.url, "one", "two"))

    chunks = [chunk async for chunk in gateway.stream(ask())]

    assert isinstance(chunks[0], Started)
    assert chunks[0].attempts == 2
    assert {request.key for request in server.received} == {"one", "two"}
    assert [attempt.error_code for attempt in diary.calls[0].attempts] == ["bad_credential", ""]


async def test_it_tells_who_wants_to_know_that_a_quota_is_spent(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "402 Payment Required"))
    gateway = gateway_of(provider(server.url))

    with pytest.raises(NoKeyError):
        await gateway.complete(ask())

    assert [change.standing for change in diary.changes] == [KeyStanding.EXHAUSTED]


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
