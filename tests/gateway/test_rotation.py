"""A promise to operators: keys are replaced while customers chat, and nobody notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.engine.pipeline import Gateway
from gateway.engine.types import (
    ChatMessage,
    ChatRequest,
    Finished,
    Role,
    Started,
    Target,
    TextDelta,
)
from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.runtime import Runtime
from gateway.sandbox.server import Pace, Sandbox, start
from gateway.services import key_replace

pytestmark = pytest.mark.django_db(transaction=True)

STREAMS = 200
ROTATIONS = 5
ANSWER = "Happy to help!\n\n" + " ".join(["word"] * 45)
REQUEST = ChatRequest(
    messages=(
        ChatMessage(Role.SYSTEM, f"Q: Where is it?\nA: {ANSWER.partition('!')[2].strip()}"),
        ChatMessage(Role.USER, "Where is it, this word?"),
    ),
    route=(Target("sandbox", "sandbox-1"),),
)


@pytest.fixture
async def slow_sandbox() -> AsyncIterator[Sandbox]:
    running = await start(pace=Pace(first_seconds=0.01, word_seconds=0.08))
    yield running
    await running.stop()


@pytest.fixture
async def runtime(slow_sandbox: Sandbox) -> AsyncIterator[Runtime]:
    await db.write(lambda: bootstrap(sandbox_url=slow_sandbox.url))
    running = Runtime()
    yield running
    await running.aclose()


async def answer(through: Gateway) -> tuple[str, str]:
    """Return which key answered, and what it said to the end."""
    key, texts, has_finished = "", list[str](), False
    async for chunk in through.stream(REQUEST):
        match chunk:
            case Started(_, key_label, _):
                key = key_label
            case TextDelta(text):
                texts.append(text)
            case Finished():
                has_finished = True
    assert has_finished
    return key, "".join(texts)


async def test_five_replacements_under_two_hundred_streams_break_none(
    runtime: Runtime, slow_sandbox: Sandbox
) -> None:
    through = await runtime.gateway()
    running = [asyncio.create_task(answer(through)) for _ in range(STREAMS)]
    async with asyncio.timeout(10):
        while slow_sandbox.open_streams < STREAMS:
            await asyncio.sleep(0.01)
    key = await db(ApiKey.objects.get)
    for number in range(ROTATIONS):
        key = await db.write(key_replace, key=key, secret=f"sandbox-rotated-{number}")
        async with asyncio.timeout(2):
            while not slow_sandbox.calls[f"sandbox-rotated-{number}"]:
                running.append(asyncio.create_task(answer(through)))
                await asyncio.sleep(0.05)
        assert number > 0 or slow_sandbox.open_streams >= STREAMS
    said = await asyncio.gather(*running)
    assert {text for _, text in said} == {ANSWER}
    assert [label for label, _ in said].count("sandbox") >= STREAMS
    states = await db(lambda: list(ApiKey.objects.values_list("state", flat=True)))
    assert sorted(states) == [KeyState.ACTIVE, *[KeyState.DRAINING] * ROTATIONS]
