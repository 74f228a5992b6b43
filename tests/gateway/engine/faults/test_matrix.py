"""Promise R8: no misbehaviour of an upstream shows as success, and none leaves anything behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest

from gateway.engine.config import Clocks
from gateway.engine.errors import (
    BadCredentialError,
    DeadlineExceededError,
    FilteredError,
    GatewayError,
    InvalidRequestError,
    ModelMissingError,
    NoKeyError,
    NotACompletionError,
    OverloadedError,
    QuotaSpentError,
    StreamBrokenError,
    ThrottledError,
    TooLongError,
    TransientError,
)
from gateway.engine.limits import Limit, Rate
from gateway.engine.pipeline import Settings
from gateway.engine.retry import RetryPolicy
from gateway.engine.types import Chunk, Finished, TextDelta
from gateway.sandbox.faults import FAULTS, QUIRKS
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory
from tests.gateway.engine.faults.leaks import nothing_is_left
from tests.gateway.engine.upstreams import ask, plays, provider

DEADLINE_SECONDS = 1.0
SETTINGS = Settings(
    clocks=Clocks(connect=0.3, first_token=0.3, plain=0.4, idle=0.3, closing=0.1),
    retry=RetryPolicy(attempts=1),
)
LIMIT = Limit(concurrency=1, tokens=Rate.per_minute(1_000_000))

STREAMED: dict[str, type[GatewayError]] = {
    "400": InvalidRequestError,
    "400 too long": TooLongError,
    "400 filtered": FilteredError,
    "401": BadCredentialError,
    "402": QuotaSpentError,
    "403": BadCredentialError,
    "404": ModelMissingError,
    "408": TransientError,
    "409": TransientError,
    "413": TooLongError,
    "418": InvalidRequestError,
    "422": InvalidRequestError,
    "429": ThrottledError,
    "429 quota": QuotaSpentError,
    "429 milliseconds": ThrottledError,
    "429 seconds": ThrottledError,
    "429 date": ThrottledError,
    "429 far future": ThrottledError,
    "429 negative": ThrottledError,
    "429 nonsense": ThrottledError,
    "500": TransientError,
    "500 not worth it": TransientError,
    "502": TransientError,
    "503": OverloadedError,
    "504": TransientError,
    "529": OverloadedError,
    "error as a string": InvalidRequestError,
    "error in another type": QuotaSpentError,
    "html with 200": NotACompletionError,
    "empty with 200": StreamBrokenError,
    "no json with 200": NotACompletionError,
    "error inside 200": OverloadedError,
    "error inside the stream": ThrottledError,
    "error after words": TransientError,
    "redirect": NotACompletionError,
    "204": StreamBrokenError,
    "reset before headers": TransientError,
    "hang-up before headers": TransientError,
    "reset after headers": StreamBrokenError,
    "hang-up after headers": StreamBrokenError,
    "reset after words": StreamBrokenError,
    "hang-up after words": StreamBrokenError,
    "truncated whole": StreamBrokenError,
    "garbage status line": NotACompletionError,
    "garbage chunk size": NotACompletionError,
    "huge header": NotACompletionError,
    "silence": TransientError,
    "silence after headers": TransientError,
    "silence after words": StreamBrokenError,
    "keep-alives for ever": TransientError,
    "roles for ever": TransientError,
    "one byte at a time": TransientError,
    "words for ever": DeadlineExceededError,
    "50 MB line": StreamBrokenError,
    "50 MB body": StreamBrokenError,
    "a flood of words": StreamBrokenError,
    "not utf-8": StreamBrokenError,
    "not json": NotACompletionError,
    "not an object": NotACompletionError,
    "deep json": NotACompletionError,
    "no finish marker": StreamBrokenError,
    "done without a reason": StreamBrokenError,
    "a reason nobody knows": StreamBrokenError,
    "out of resources": OverloadedError,
    "no words": StreamBrokenError,
    "blank words": StreamBrokenError,
    "nothing passes the filter": FilteredError,
    "plain text": StreamBrokenError,
}


async def _hear_out(stream: AsyncGenerator[Chunk, None]) -> None:
    async for chunk in stream:
        assert not isinstance(chunk, Finished)


async def _error_of(stream: AsyncGenerator[Chunk, None]) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await _hear_out(stream)
    return caught.value


@pytest.mark.parametrize("name", FAULTS)
async def test_a_stream_ends_in_the_right_error_within_its_clock(
    name: str, scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(plays(FAULTS[name]))
    gateway = gateway_of(provider(server.url, limit=LIMIT), settings=SETTINGS)
    began = time.monotonic()

    error = await _error_of(gateway.stream(ask(deadline_seconds=DEADLINE_SECONDS)))

    assert time.monotonic() - began < DEADLINE_SECONDS + 1.0
    (record,) = diary.calls
    expected = STREAMED[name]
    if isinstance(error, NoKeyError):
        assert record.attempts[0].error_code == expected.code
    else:
        assert type(error) is expected
    assert "sk-canary" not in repr(error) + str(error.__dict__) + repr(record)
    await nothing_is_left(gateway, server)


@pytest.mark.parametrize("name", sorted(set(FAULTS) - {"words for ever"}))
async def test_a_plain_call_never_takes_a_fault_for_an_answer(
    name: str, scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(plays(FAULTS[name]))
    gateway = gateway_of(provider(server.url, limit=LIMIT), settings=SETTINGS)
    began = time.monotonic()

    with pytest.raises(GatewayError):
        await gateway.complete(ask(deadline_seconds=DEADLINE_SECONDS))

    assert time.monotonic() - began < DEADLINE_SECONDS + 1.0
    await nothing_is_left(gateway, server)


@pytest.mark.parametrize("name", QUIRKS)
async def test_a_quirk_is_no_fault(
    name: str, scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(plays(QUIRKS[name]))
    gateway = gateway_of(provider(server.url), settings=SETTINGS)

    chunks = [chunk async for chunk in gateway.stream(ask())]

    text = "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))
    assert text.startswith("We ship there.")
    assert isinstance(chunks[-1], Finished)
    await nothing_is_left(gateway, server)


async def test_a_refused_connection_is_a_passing_fault(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(plays(()))
    await server.stop()

    error = await _error_of(gateway_of(provider(server.url), settings=SETTINGS).stream(ask()))

    assert (type(error), error.detail) == (TransientError, "the connection was refused")


async def test_a_name_that_does_not_exist_is_a_passing_fault(gateway_of: GatewayFactory) -> None:
    gateway = gateway_of(provider("http://no-such-host.invalid/v1"), settings=SETTINGS)

    error = await _error_of(gateway.stream(ask()))

    assert type(error) is TransientError


async def test_a_storm_of_cancelled_streams_leaves_nothing_behind(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(plays(FAULTS["words for ever"]))
    gateway = gateway_of(provider(server.url), settings=SETTINGS)

    async def listen(delay: float) -> None:
        async for _ in gateway.stream(ask()):
            await asyncio.sleep(delay)

    for batch in range(10):
        tasks = [asyncio.create_task(listen(number / 5000)) for number in range(100)]
        await asyncio.sleep(0.02 * batch)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    await nothing_is_left(gateway, server)
