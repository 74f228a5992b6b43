"""Five rotations while two processes chat: nobody notices, and the old keys may be revoked.

On PostgreSQL (``TEST_DATABASE_URL``) with two hundred streams, on SQLite with forty.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.sandbox.server import Pace, Sandbox, start
from gateway.services import key_rotate, keys_retire_drained
from tests.gateway.chatting import process_end, process_start, until

pytestmark = pytest.mark.django_db(transaction=True)

ROTATIONS = 5
NOTICED_SECONDS = 2.0
PROCESSES = 2
# Limits, resting keys and answers are shared over Redis as well, where a test may use one.
REDIS = ["", *filter(None, [os.environ.get("TEST_REDIS_URL")])]
STREAMS = 200 if os.environ.get("TEST_DATABASE_URL") else 40


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = await start(pace=Pace(first_seconds=0.05, word_seconds=0.25))
    yield running
    await running.stop()


@pytest.mark.parametrize("redis_url", REDIS, ids=["alone", "redis"][: len(REDIS)])
async def test_five_rotations_under_load_fail_no_answer_in_any_process(
    sandbox: Sandbox, redis_url: str
) -> None:
    await db.write(lambda: bootstrap(sandbox_url=sandbox.url))
    key = await db(lambda: ApiKey.objects.select_related("provider").get())
    processes = [
        await process_start(streams=STREAMS // PROCESSES, redis_url=redis_url)
        for _ in range(PROCESSES)
    ]
    turns: list[tuple[float, str]] = []

    async def has_begun() -> bool:
        return sandbox.open_streams >= STREAMS * 0.8

    async def is_drained() -> bool:
        await db.write(keys_retire_drained)
        return not await db(lambda: ApiKey.objects.filter(state=KeyState.DRAINING).exists())

    try:
        await until(40, has_begun)
        for number in range(ROTATIONS):
            key, _ = await db.write(key_rotate, key=key, secret=f"sandbox-turn-{number}")
            turns.append((time.time(), key.label))
            await asyncio.sleep(NOTICED_SECONDS + 0.5)
        await until(30, is_drained)
        reasons = await db(
            lambda: set(
                ApiKey.objects.filter(state=KeyState.RETIRED).values_list("state_reason", flat=True)
            )
        )
        sandbox.revoked.update(set(sandbox.calls) - {f"sandbox-turn-{ROTATIONS - 1}"})
        await asyncio.sleep(2)
    finally:
        said = [await process_end(process) for process in processes]
    assert reasons == {"drained"}
    lags = []
    ends = [*[at for at, _ in turns[1:]], time.time() + 60]
    for answers in said:
        assert len(answers) >= STREAMS // PROCESSES
        assert {answer["fault"] for answer in answers} == {""}
        for (turned, label), end in zip(turns, ends, strict=True):
            late = [a["key"] for a in answers if turned + NOTICED_SECONDS < a["at"] < end]
            assert late, "no call began in this turn"
            assert set(late) == {label}
            old = [a["at"] for a in answers if turned < a["at"] < end and a["key"] != label]
            lags.append(max(old, default=turned) - turned)
    print(  # noqa: T201  # the figures, for pytest -s
        f"{sum(map(len, said))} answers, 0 failed; "
        f"the last call with an old key {min(lags):.2f} to {max(lags):.2f} s after each switch"
    )
