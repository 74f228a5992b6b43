"""A gateway put together from the database follows what operators decide."""

from __future__ import annotations

import asyncio
import traceback

import pytest
from django.utils import timezone

from gateway.configuration import Configuration, configuration_read, providers_of
from gateway.db import db
from gateway.engine.errors import GatewayError, NoKeyError
from gateway.engine.types import Finished, FinishReason, Started, TextDelta
from gateway.models import ApiKey, Call, Provider
from gateway.models.call import Outcome
from gateway.models.provider import KeyState
from gateway.runtime import Runtime, gateway, gateway_close
from gateway.sandbox.server import Sandbox
from gateway.services import key_add, key_pause, key_replace
from tests.gateway.asking import answer, bootstrap_at, request

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "sandbox-canary-5c1d"


async def test_it_streams_an_answer_from_the_database_to_the_caller(runtime: Runtime) -> None:
    through = await runtime.gateway()
    chunks = [chunk async for chunk in through.stream(await request())]
    assert isinstance(chunks[0], Started)
    assert (chunks[0].target.provider, chunks[0].key_label) == ("sandbox", "sandbox")
    text = "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))
    assert text == "Happy to help!\n\nTwo to four days."
    last = chunks[-1]
    assert isinstance(last, Finished)
    assert last.reason is FinishReason.STOP
    assert last.usage is not None


async def test_a_call_is_in_the_books_once_the_gateway_is_closed(runtime: Runtime) -> None:
    await answer(await runtime.gateway())
    await runtime.aclose()
    call = await db(Call.objects.get)
    assert (call.outcome, call.provider, call.key_label) == (
        Outcome.SUCCEEDED,
        "sandbox",
        "sandbox",
    )
    assert (call.conversation, call.reply) == ("c-1", "7.1")
    assert call.cost is None


async def test_callers_who_come_at_once_get_one_gateway(runtime: Runtime) -> None:
    first, second = await asyncio.gather(runtime.gateway(), runtime.gateway())
    assert first is second


async def test_nothing_changes_while_the_database_says_the_same(runtime: Runtime) -> None:
    await runtime.gateway()
    assert not await runtime.follow()


async def test_a_key_added_while_a_stream_runs_serves_the_next_call(
    runtime: Runtime, sandbox: Sandbox
) -> None:
    through = await runtime.gateway()
    stream = through.stream(await request("/fault stall 1"))
    assert isinstance(await anext(stream), Started)
    old = await db(ApiKey.objects.get)
    await db.write(key_replace, key=old, secret="sandbox-new")
    assert await runtime.follow()
    await answer(through)
    assert sandbox.calls["sandbox-new"] == 1
    assert sandbox.open_streams == 1
    assert runtime.streams() == {"sandbox/sandbox": 1}
    await stream.aclose()
    assert runtime.streams() == {}


async def test_a_paused_key_serves_no_more(runtime: Runtime) -> None:
    through = await runtime.gateway()
    await db.write(key_pause, key=await db(ApiKey.objects.get))
    await runtime.follow()
    with pytest.raises(NoKeyError):
        await answer(through)


async def test_a_key_the_provider_refuses_is_revoked_for_good_and_another_serves(
    runtime: Runtime, sandbox: Sandbox
) -> None:
    through = await runtime.gateway()
    provider = await db(Provider.objects.get)
    await db.write(key_add, provider=provider, label="bad", secret="sandbox-bad", weight=50)
    sandbox.revoked.add("sandbox-bad")
    await runtime.follow()
    for _ in range(12):
        await answer(through)
    health = {key.label: key.state for key in through.key_health()["sandbox"]}
    assert health["sandbox"] == "active"
    assert health["bad"] in {"revoked", "cooling"}


async def test_a_key_that_does_not_open_is_left_out_and_named(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    provider = await db(Provider.objects.get)
    await db.write(key_add, provider=provider, label="moved", secret="sandbox-moved")
    await db.write(lambda: ApiKey.objects.filter(label="moved").update(sealed_secret="v1.x.y"))
    through = await runtime.gateway()
    assert await answer(through)
    assert [key.label for key in through.key_health()["sandbox"]] == ["sandbox"]
    assert "Key moved of sandbox is left out" in caplog.text


async def test_the_module_keeps_one_gateway_for_the_loop_and_follows_within_two_seconds(
    sandbox: Sandbox,
) -> None:
    await db.write(bootstrap_at, sandbox.url)
    through = await gateway()
    assert await gateway() is through
    provider = await db(Provider.objects.get)
    await db.write(key_add, provider=provider, label="new", secret="sandbox-new", weight=9)
    async with asyncio.timeout(2):
        while not sandbox.calls["sandbox-new"]:
            await answer(through)
    await gateway_close()
    assert await gateway() is not through
    await gateway_close()


async def test_an_exhausted_key_is_written_back_to_its_row(runtime: Runtime) -> None:
    through = await runtime.gateway()
    with pytest.raises(GatewayError):
        await answer(through, "/fault 402")
    await runtime.aclose()
    key = await db(ApiKey.objects.get)
    assert (key.state, key.state_reason) == (KeyState.EXHAUSTED, "quota_spent")


@pytest.mark.parametrize("wish", ["500", "429", "401", "402", "404", "cut 1", "stall 1"])
async def test_no_secret_shows_in_logs_reprs_tracebacks_or_the_books(
    runtime: Runtime, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, wish: str
) -> None:
    caplog.set_level("DEBUG")
    provider = await db(Provider.objects.get)
    await db.write(key_add, provider=provider, label="canary", secret=CANARY)
    await db.write(key_pause, key=await db(ApiKey.objects.get, label="sandbox"))
    through = await runtime.gateway()
    with pytest.raises(GatewayError) as caught:
        await answer(through, f"/fault {wish}", deadline_seconds=0.3)
    await runtime.aclose()
    assert sandbox.calls[CANARY]
    shown = [
        caplog.text,
        repr(caught.value),
        *traceback.format_exception(caught.value),
        repr(vars(runtime)),
        repr(providers_of(await db(read))),
        repr(await db(lambda: list(Call.objects.values()))),
        repr(await db(lambda: list(ApiKey.objects.values()))),
    ]
    assert not [text for text in shown if CANARY in text]


def read() -> Configuration:
    return configuration_read(timezone.localdate())
