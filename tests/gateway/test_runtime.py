from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings
from redis.asyncio import Redis

from gateway.bootstrap import bootstrap
from gateway.configuration import Configuration, configuration_read, providers_of
from gateway.db import db
from gateway.engine.errors import GatewayError, LimitedError, NoKeyError
from gateway.engine.pipeline import Gateway
from gateway.engine.types import (
    CacheRule,
    ChatMessage,
    ChatRequest,
    Finished,
    FinishReason,
    Role,
    Started,
    TextDelta,
)
from gateway.models import ApiKey, Budget, Call, Limit, Provider
from gateway.models.call import Outcome
from gateway.models.provider import KeyState
from gateway.runtime import Runtime, gateway, gateway_close
from gateway.sandbox.server import Sandbox
from gateway.selectors import default_route
from gateway.services import (
    allowance_delete,
    budget_save,
    key_add,
    key_pause,
    key_replace,
    limit_save,
)

pytestmark = pytest.mark.django_db(transaction=True)

REDIS = os.environ.get("TEST_REDIS_URL", "")
CANARY = "sandbox-canary-5c1d"
QUESTION = "How long does shipping take?"
PROMPT = "Q: How long does shipping take?\nA: Two to four days."


@pytest.fixture
async def begin(sandbox: Sandbox) -> AsyncIterator[Callable[[], Runtime]]:
    """Begins one more process's runtime over a database that knows the sandbox.

    Its poll waits for the test.
    """
    await db.write(bootstrap_at, sandbox.url)
    begun: list[Runtime] = []

    def begin_one() -> Runtime:
        begun.append(Runtime(sleep=for_ever))
        return begun[-1]

    yield begin_one
    for runtime in begun:
        await runtime.aclose()


@pytest.fixture
def runtime(begin: Callable[[], Runtime]) -> Runtime:
    """The runtime of the only process."""
    return begin()


def bootstrap_at(url: str) -> None:
    bootstrap(sandbox_url=url)


async def for_ever(_: float) -> None:
    await asyncio.Event().wait()


async def request(question: str = QUESTION, *, deadline_seconds: float = 10.0) -> ChatRequest:
    return ChatRequest(
        messages=(ChatMessage(Role.SYSTEM, PROMPT), ChatMessage(Role.USER, question)),
        route=await db(default_route),
        deadline_seconds=deadline_seconds,
        labels={"widget": "7", "customer": "c", "conversation": "c-1", "reply": "7.1"},
        scopes={"widget": "7", "customer": "c"},
    )


async def answer(
    through: Gateway, question: str = QUESTION, *, deadline_seconds: float = 10.0
) -> str:
    asked = await request(question, deadline_seconds=deadline_seconds)
    chunks = [chunk async for chunk in through.stream(asked)]
    assert isinstance(chunks[0], Started)
    assert isinstance(chunks[-1], Finished)
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))


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


async def test_a_limit_holds_from_the_next_poll_on_and_goes_with_its_row(runtime: Runtime) -> None:
    through = await runtime.gateway()
    limit = Limit(kind="customer", requests_per_minute=1)
    await db.write(limit_save, limit=limit)
    assert await runtime.follow()
    await answer(through)
    with pytest.raises(LimitedError) as caught:
        await answer(through)
    assert caught.value.scope == "customer:c"
    await db.write(allowance_delete, row=limit)
    assert await runtime.follow()
    await answer(through)


async def test_a_key_and_a_model_keep_to_their_own_limits(runtime: Runtime) -> None:
    key = await db(ApiKey.objects.get)
    through = await runtime.gateway()
    model = Limit(kind="model", subject="sandbox/sandbox-1", tokens_per_minute=1)
    await db.write(limit_save, limit=model)
    await runtime.follow()
    with pytest.raises(LimitedError, match="a limit") as caught:
        await answer(through)
    assert caught.value.scope == "model:sandbox/sandbox-1"
    await db.write(allowance_delete, row=model)
    await db.write(limit_save, limit=Limit(kind="key", subject=str(key.pk), requests_per_minute=1))
    await runtime.follow()
    await answer(through)
    with pytest.raises((LimitedError, NoKeyError)):
        await answer(through, deadline_seconds=0.5)


async def test_a_budget_spent_before_a_restart_is_spent_after_it(
    runtime: Runtime, begin: Callable[[], Runtime], sandbox: Sandbox
) -> None:
    # Room for one question: a call sets its longest answer aside, then pays for what it took.
    await db.write(budget_save, budget=Budget(kind="customer", tokens=1200))
    await answer(await runtime.gateway())
    await runtime.aclose()
    spent = (await db(Call.objects.get)).spent_tokens
    assert spent > 0
    await db.write(lambda: Call.objects.update(spent_tokens=1200))

    with pytest.raises(LimitedError) as caught:
        await answer(await begin().gateway())
    assert caught.value.scope == "customer:c"
    assert sum(sandbox.calls.values()) == 1


async def test_a_stopped_answer_counts_towards_the_budget(runtime: Runtime) -> None:
    through = await runtime.gateway()
    stream = through.stream(await request("/fault stall 1"))
    assert isinstance(await anext(stream), Started)
    await stream.aclose()
    await runtime.aclose()
    call = await db(Call.objects.get)
    assert (call.outcome, call.prompt_tokens) == (Outcome.CANCELLED, None)
    assert call.spent_tokens > 10


@pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL is not set")
async def test_a_key_that_rests_in_one_process_rests_in_the_others(
    begin: Callable[[], Runtime], settings: Settings
) -> None:
    settings.REDIS_URL = REDIS
    other = begin()
    through = await begin().gateway()
    heeding = await other.gateway()
    with pytest.raises(GatewayError):
        await answer(through, "/fault 429", deadline_seconds=1.0)
    await other.heed()
    (health,) = heeding.key_health()["sandbox"]
    assert (health.state, health.reason) == ("cooling", "throttled")
    async with Redis.from_url(REDIS) as redis:
        await redis.delete(f"{{chatsite}}:key:rest:{health.id}")


@pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL is not set")
async def test_a_flush_of_redis_forgives_no_budget(
    begin: Callable[[], Runtime], settings: Settings
) -> None:
    settings.REDIS_URL = REDIS
    await db.write(budget_save, budget=Budget(kind="widget", subject="7", tokens=1200))
    await db.write(lambda: Call.objects.create(outcome="succeeded", widget="7", spent_tokens=1190))
    through = await begin().gateway()
    for _ in range(2):
        with pytest.raises(LimitedError):
            await answer(through)
        async with Redis.from_url(REDIS) as redis:
            for key in await redis.keys("{chatsite}:limit*"):
                await redis.delete(key)


@pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL is not set")
async def test_an_answer_that_one_process_got_is_repeated_by_another(
    begin: Callable[[], Runtime], sandbox: Sandbox, settings: Settings
) -> None:
    settings.REDIS_URL = REDIS
    asked = replace(await request(), cache=CacheRule(f"test-{uuid4().hex}", 30.0))
    answers = [await (await begin().gateway()).complete(asked) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert sum(sandbox.calls.values()) == 1


def read() -> Configuration:
    return configuration_read(timezone.localdate())
