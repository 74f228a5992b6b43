"""What a provider says of a key reaches all processes and operators; customers notice nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.sandbox.server import Pace, Sandbox, start
from gateway.services import key_add, key_resume
from gateway.traffic import rests_by_key
from tests.gateway.chatting import process_end, process_start, until

pytestmark = pytest.mark.django_db(transaction=True)

GOOD, BAD = "sandbox-good", "sandbox-bad"
PATIENCE = 20.0  # generous: the machine may be busy


@dataclass
class Chatting:
    """Two processes that chat with two keys, a good one and one that its provider will mistreat."""

    sandbox: Sandbox
    key: ApiKey

    async def state(self) -> str:
        return await db(lambda: ApiKey.objects.values_list("state", flat=True).get(pk=self.key.pk))

    async def is_in(self, state: KeyState) -> None:
        async def is_so() -> bool:
            return await self.state() == state

        await until(PATIENCE, is_so)

    async def serves(self) -> None:
        before = self.sandbox.calls[BAD]

        async def is_called() -> bool:
            return self.sandbox.calls[BAD] > before

        await until(PATIENCE, is_called)

    async def is_left_alone(self, seconds: float) -> None:
        before = self.sandbox.calls[BAD]
        await asyncio.sleep(seconds)
        assert self.sandbox.calls[BAD] == before


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = await start(pace=Pace(first_seconds=0.02, word_seconds=0.02))
    yield running
    await running.stop()


@pytest.fixture(params=["", *filter(None, [os.environ.get("TEST_REDIS_URL")])])
async def chatting(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[Chatting]:
    await db.write(lambda: bootstrap(sandbox_url=sandbox.url))
    first = await db(lambda: ApiKey.objects.select_related("provider").get())
    await db.write(key_add, provider=first.provider, label="good", secret=GOOD)
    key = await db.write(key_add, provider=first.provider, label="bad", secret=BAD)
    processes = [await process_start(streams=6, redis_url=request.param) for _ in range(2)]
    chatting = Chatting(sandbox, key)
    said: list[list[dict[str, Any]]] = []
    try:
        await chatting.serves()
        yield chatting
    finally:
        said += [await process_end(process) for process in processes]
    assert all(said)
    assert {answer["fault"] for answers in said for answer in answers} == {""}


async def test_a_key_that_is_refused_is_revoked_until_somebody_resumes_it(
    chatting: Chatting,
) -> None:
    chatting.sandbox.revoked.add(BAD)
    await chatting.is_in(KeyState.REVOKED)
    chatting.sandbox.revoked.clear()
    await asyncio.sleep(2)  # by now every process has heard of it
    await chatting.is_left_alone(2)
    assert await chatting.state() == KeyState.REVOKED
    key = await db(lambda: ApiKey.objects.get(pk=chatting.key.pk))
    assert key.state_reason == "bad_credential"
    await db.write(key_resume, key=key)
    await chatting.serves()


async def test_a_throttled_key_cools_as_long_as_the_provider_says_and_comes_back_by_itself(
    chatting: Chatting,
) -> None:
    chatting.sandbox.wishes[BAD] = "429 retry-after 4"

    async def rests() -> bool:
        rest = (await db(rests_by_key, "sandbox", timezone.now())).get("bad")
        return rest is not None and rest.reason == "throttled"

    await until(PATIENCE, rests)
    rest = (await db(rests_by_key, "sandbox", timezone.now()))["bad"]
    assert rest.until - timezone.now() < timedelta(seconds=5)
    chatting.sandbox.wishes.clear()
    assert await chatting.state() == KeyState.ACTIVE
    await chatting.serves()


async def test_a_key_whose_quota_is_spent_waits_for_somebody(chatting: Chatting) -> None:
    chatting.sandbox.wishes[BAD] = "402"
    await chatting.is_in(KeyState.EXHAUSTED)
    chatting.sandbox.wishes.clear()
    await asyncio.sleep(2)  # by now every process has heard of it
    await chatting.is_left_alone(2)
    assert await chatting.state() == KeyState.EXHAUSTED
    await db.write(key_resume, key=await db(lambda: ApiKey.objects.get(pk=chatting.key.pk)))
    await chatting.serves()
