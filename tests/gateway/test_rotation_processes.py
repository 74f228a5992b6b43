"""Five rotations while two processes chat: nobody notices, and the old keys may be revoked.

On PostgreSQL (``TEST_DATABASE_URL``) with two hundred streams, on SQLite with forty; and once more
with a Redis (``TEST_REDIS_URL``) that both share. ``pytest -s`` shows the figures.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.models import ApiKey, Call
from gateway.models.provider import KeyState
from gateway.sandbox.server import Pace, Sandbox, start
from gateway.services import key_rotate, keys_retire_drained
from tests.gateway.chatting import REDIS, process_end, process_start, redis_forget, until

pytestmark = pytest.mark.django_db(transaction=True)

ROTATIONS = 5
NOTICED_SECONDS = 2.0
PROCESSES = 2
STREAMS = 200 if os.environ.get("TEST_DATABASE_URL") else 40


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = await start(pace=Pace(first_seconds=0.05, word_seconds=0.25))
    yield running
    await running.stop()


@pytest.fixture(
    params=[
        pytest.param("", id="database"),
        pytest.param(
            REDIS,
            id="redis",
            marks=pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL is not set"),
        ),
    ]
)
async def shared(request: pytest.FixtureRequest) -> str:
    """The Redis that the processes share, or nothing."""
    url = str(request.param)
    if url:
        await redis_forget(url)
    return url


def figures(said: list[list[dict[str, Any]]], turns: list[tuple[float, str]]) -> str:
    """Return how it went: answers, failures, and how long an old key still began calls."""
    answers = [answer for process in said for answer in process]
    failed = sum(answer["fault"] != "" for answer in answers)
    ends = [*[at for at, _ in turns[1:]], float("inf")]
    lags = []
    for (turned, label), end in zip(turns, ends, strict=True):
        old = [a["at"] - turned for a in answers if turned < a["at"] < end and a["key"] != label]
        lags.append(max(old, default=0.0))
    last = ", ".join(f"{lag:.2f}" for lag in lags)
    return f"{len(answers)} answers, {failed} failed; last call with an old key after {last} s"


async def is_drained() -> bool:
    await db.write(keys_retire_drained)
    return not await db(lambda: ApiKey.objects.filter(state=KeyState.DRAINING).exists())


def prove_turns(answers: list[dict[str, Any]], turns: list[tuple[float, str]]) -> None:
    """Each call of a turn, once the change was noticed, went out with that turn's key."""
    ends = [*[at for at, _ in turns[1:]], time.time() + 60]
    for (turned, label), end in zip(turns, ends, strict=True):
        late = [a["key"] for a in answers if turned + NOTICED_SECONDS < a["at"] < end]
        assert late, "no call began in this turn"
        assert set(late) == {label}


async def test_five_rotations_under_load_fail_no_answer_in_any_process(
    sandbox: Sandbox, shared: str
) -> None:
    await db.write(lambda: bootstrap(sandbox_url=sandbox.url))
    key = await db(lambda: ApiKey.objects.select_related("provider").get())
    processes = [await process_start(STREAMS // PROCESSES, redis=shared) for _ in range(PROCESSES)]
    turns: list[tuple[float, str]] = []

    async def has_begun() -> bool:
        return sandbox.open_streams >= STREAMS * 0.8

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
        revoked_at = time.time()
        await asyncio.sleep(2)
    finally:
        said = [await process_end(process) for process in processes]
    print(f"\n{'Redis' if shared else 'No Redis'}: {figures(said, turns)}")  # noqa: T201  # to be quoted
    assert reasons == {"drained"}
    assert len(sandbox.revoked) == ROTATIONS
    # Nor was any call refused with an old key and saved by another attempt.
    attempts = await db(lambda: list(Call.objects.values_list("attempts", flat=True)))
    assert {len(made) for made in attempts} == {1}
    for answers in said:
        assert len(answers) >= STREAMS // PROCESSES
        assert {answer["fault"] for answer in answers} == {""}
        assert any(answer["at"] > revoked_at for answer in answers)
        prove_turns(answers, turns)
