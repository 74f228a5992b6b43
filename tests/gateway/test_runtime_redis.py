"""What the runtimes of several processes share over Redis."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from pytest_django import Settings
from redis.asyncio import Redis

from gateway.db import db
from gateway.engine.errors import GatewayError, LimitedError
from gateway.engine.types import CacheRule
from gateway.models import Budget, Call
from gateway.runtime import Runtime
from gateway.sandbox.server import Sandbox
from gateway.services import budget_save
from tests.gateway.asking import answer, request

pytestmark = pytest.mark.django_db(transaction=True)
REDIS = os.environ.get("TEST_REDIS_URL", "")


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
