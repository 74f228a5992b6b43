"""Five rotations while two processes chat: nobody notices, and the old keys may be revoked.

On PostgreSQL (``TEST_DATABASE_URL``) with two hundred streams, on SQLite with forty.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.sandbox.server import Pace, Sandbox, start
from gateway.services import key_rotate, keys_retire_drained

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


def database_url() -> str:
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{row['NAME']}"
    user = ":".join(quote(str(row[part]), "") for part in ("USER", "PASSWORD") if row[part])
    return f"postgresql://{user}@{row['HOST']}:{row['PORT'] or 5432}/{row['NAME']}"


async def process_start() -> Process:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE_URL": database_url(),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.gateway.rotation_process",
        str(STREAMS // PROCESSES),
        env=environment,
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=2**24,
    )


async def process_end(process: Process) -> list[dict[str, Any]]:
    output, _ = await asyncio.wait_for(process.communicate(b""), 30)
    return [json.loads(line) for line in output.splitlines()]


async def until(seconds: float, condition: Any) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.2)


async def test_five_rotations_under_load_fail_no_answer_in_any_process(sandbox: Sandbox) -> None:
    await db.write(lambda: bootstrap(sandbox_url=sandbox.url))
    key = await db(lambda: ApiKey.objects.select_related("provider").get())
    processes = [await process_start() for _ in range(PROCESSES)]
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
    ends = [*[at for at, _ in turns[1:]], time.time() + 60]
    for answers in said:
        assert len(answers) >= STREAMS // PROCESSES
        assert {answer["fault"] for answer in answers} == {""}
        for (turned, label), end in zip(turns, ends, strict=True):
            late = [a["key"] for a in answers if turned + NOTICED_SECONDS < a["at"] < end]
            assert late, "no call began in this turn"
            assert set(late) == {label}
