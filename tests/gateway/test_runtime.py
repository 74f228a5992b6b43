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
    FinishReason,
    Role,
    Started,
    TextDelta,
)
from gateway.runtime import Runtime
from gateway.sandbox.server import Sandbox
from gateway.selectors import default_route

pytestmark = pytest.mark.django_db(transaction=True)

PROMPT = "Q: How long does shipping take?\nA: Two to four days."


@pytest.fixture
async def runtime(sandbox: Sandbox) -> AsyncIterator[Runtime]:
    """A runtime over a database that knows the sandbox, with a poll that waits for the test."""
    await db.write(bootstrap_at, sandbox.url)
    running = Runtime(sleep=for_ever)
    yield running
    await running.aclose()


def bootstrap_at(url: str) -> None:
    bootstrap(sandbox_url=url)


async def for_ever(_: float) -> None:
    await asyncio.Event().wait()


async def request(question: str = "How long does shipping take?") -> ChatRequest:
    return ChatRequest(
        messages=(ChatMessage(Role.SYSTEM, PROMPT), ChatMessage(Role.USER, question)),
        route=await db(default_route),
        labels={"conversation": "c-1", "reply": "7.1"},
    )


async def answer(through: Gateway, question: str = "How long does shipping take?") -> str:
    chunks = [chunk async for chunk in through.stream(await request(question))]
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
