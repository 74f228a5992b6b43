"""A key fails while two processes chat: it reaches its state, and recovers or not, as it should.

Each process is real, the provider is the sandbox on a real socket, and a second key is good all
the time: no customer may notice anything.
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process as Running
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.engine.keys import BenchPolicy
from gateway.models import ApiKey, Process
from gateway.models.provider import KeyState
from gateway.sandbox.misbehaviour import Misbehaviour
from gateway.sandbox.server import Pace, Sandbox, start
from gateway.services import key_add, key_resume, key_test
from tests.gateway.chatting import REDIS, process_end, process_start, redis_forget, until

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 2
STREAMS = 8
BAD = "sandbox-that-fails"
NOTICED_SECONDS = 2.0
# However its first process fared with its probe, the claim to it lapses by then.
PROBED_SECONDS = BenchPolicy().probe_seconds + 15


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = await start(pace=Pace(first_seconds=0.05, word_seconds=0.01))
    yield running
    await running.stop()


@pytest.fixture
async def key(sandbox: Sandbox) -> ApiKey:
    """The key that fails; another one serves beside it."""
    await db.write(lambda: bootstrap(sandbox_url=sandbox.url))
    good = await db(lambda: ApiKey.objects.select_related("provider").get())
    return await db.write(lambda: key_add(provider=good.provider, label="weak", secret=BAD))


async def chat(redis: str = "") -> list[Running]:
    if redis:
        await redis_forget(redis)
    return [await process_start(STREAMS, redis=redis, spread=0.0) for _ in range(PROCESSES)]


async def page(key: ApiKey) -> str:
    """What the admin shows of the key."""

    def read() -> str:
        client = Client()
        person, _ = User.objects.get_or_create(
            username="owner", is_staff=True, is_superuser=True, is_active=True
        )
        client.force_login(person)
        return client.get(f"/admin/gateway/apikey/{key.pk}/change/").content.decode()

    return await db.write(read)


async def state(key: ApiKey) -> tuple[str, str]:
    row = await db(lambda: ApiKey.objects.get(pk=key.pk))
    return row.state, row.state_reason


async def resting() -> list[tuple[float, str] | None]:
    """How each process says that the key rests."""
    rows = await db(lambda: list(Process.objects.values_list("counts", flat=True)))
    return [row.get("resting", {}).get("sandbox/weak") for row in rows]


async def is_resting_everywhere() -> bool:
    found = await resting()
    return len(found) == PROCESSES and all(found)


async def is_resting_nowhere() -> bool:
    return await resting() == [None, None]


def in_state(key: ApiKey, wanted: KeyState) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return (await state(key))[0] == wanted

    return is_so


def serving_everywhere() -> Callable[[], Awaitable[bool]]:
    """Whether each process has had answers under way with the key by now."""
    serving: set[str] = set()

    async def is_so() -> bool:
        rows = await db(lambda: list(Process.objects.values_list("id", "counts")))
        serving.update(name for name, counts in rows if counts["streams"].get("sandbox/weak"))
        return len(serving) == PROCESSES

    return is_so


async def ended(processes: list[Running]) -> list[list[dict[str, Any]]]:
    """Let them end; no customer may have seen an error."""
    said = [await process_end(process) for process in processes]
    for answers in said:
        assert answers
        assert Counter(answer["fault"] for answer in answers) == {"": len(answers)}
    return said


def served(said: list[list[dict[str, Any]]], label: str) -> list[bool]:
    return [any(answer["key"] == label for answer in answers) for answers in said]


async def test_a_refused_key_is_revoked_and_serves_again_only_when_resumed(
    sandbox: Sandbox, key: ApiKey
) -> None:
    sandbox.revoked.add(BAD)
    processes = await chat()
    try:
        await until(40, in_state(key, KeyState.REVOKED))
        assert await state(key) == (KeyState.REVOKED, "bad_credential")
        assert "the provider refused it, 401 or 403, three times in a row" in await page(key)
        await asyncio.sleep(NOTICED_SECONDS)  # both processes know by now
        sandbox.revoked.clear()
        await asyncio.sleep(NOTICED_SECONDS)
        assert sandbox.calls[BAD] == 0
        assert (await state(key))[0] == KeyState.REVOKED
        await db.write(lambda: key_resume(key=key, why="the provider was wrong"))
        await until(40, serving_everywhere())
    finally:
        said = await ended(processes)
    assert served(said, "weak") == [True, True]
    assert await state(key) == (KeyState.ACTIVE, "")


async def test_a_key_whose_quota_is_spent_serves_again_only_when_tested_and_resumed(
    sandbox: Sandbox, key: ApiKey
) -> None:
    sandbox.wrongs[BAD] = Misbehaviour(status=402)
    processes = await chat()

    async def is_left_alone() -> bool:
        called = sandbox.calls[BAD]
        await asyncio.sleep(NOTICED_SECONDS)
        return sandbox.calls[BAD] == called

    try:
        await until(20, in_state(key, KeyState.EXHAUSTED))
        assert await state(key) == (KeyState.EXHAUSTED, "quota_spent")
        assert "the provider says that its quota is spent" in await page(key)
        await until(40, is_left_alone)  # both processes know by then
        sandbox.wrongs.clear()
        called = sandbox.calls[BAD]
        await asyncio.sleep(NOTICED_SECONDS)
        assert sandbox.calls[BAD] == called
        result = await db.write(lambda: key_test(key=key, model="sandbox-1"))
        assert result.error is None
        assert (await state(key))[0] == KeyState.EXHAUSTED
        await db.write(lambda: key_resume(key=key, why="paid"))
        await until(40, serving_everywhere())
    finally:
        said = await ended(processes)
    assert served(said, "weak") == [True, True]
    assert await state(key) == (KeyState.ACTIVE, "")


@pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL is not set")
async def test_a_throttled_key_rests_as_told_and_one_probe_of_all_processes_brings_it_back(
    sandbox: Sandbox, key: ApiKey
) -> None:
    sandbox.wrongs[BAD] = Misbehaviour(status=429, retry_after="4")
    processes = await chat(REDIS)

    async def is_called_again() -> bool:
        return sandbox.calls[BAD] > called

    try:
        await until(20, is_resting_everywhere)
        assert {rest[1] for rest in await resting() if rest} == {"throttled"}
        html = await page(key)
        assert "Cooling until" in html
        assert "429 from the provider" in html
        for _ in range(2):  # so long as the provider says so: one call, then silence
            called = sandbox.calls[BAD]
            await until(20, is_called_again)
            await asyncio.sleep(NOTICED_SECONDS)
            assert sandbox.calls[BAD] == called + 1
        sandbox.wrongs.clear()
        await until(20, is_called_again)
        await until(20, is_resting_nowhere)
        await until(PROBED_SECONDS, serving_everywhere())
        assert await state(key) == (KeyState.ACTIVE, "")
    finally:
        said = await ended(processes)
    assert served(said, "weak") == [True, True]
