"""Processes that chat without pause, started and ended by a test."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any
from urllib.parse import quote

from django.db import connection
from redis.asyncio import Redis

REDIS = os.environ.get("TEST_REDIS_URL", "")


def database_url() -> str:
    """Return where the test's own database is."""
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{row['NAME']}"
    user = ":".join(quote(str(row[part]), "") for part in ("USER", "PASSWORD") if row[part])
    return f"postgresql://{user}@{row['HOST']}:{row['PORT'] or 5432}/{row['NAME']}"


async def process_start(streams: int, *, redis: str = "", spread: float = 3.0) -> Process:
    """Start a process that keeps so many answers under way."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE_URL": database_url(),
        "SHARED_REDIS_URL": redis,
        "SPREAD_SECONDS": str(spread),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.gateway.rotation_process",
        str(streams),
        env=environment,
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=2**24,
    )


async def process_end(process: Process) -> list[dict[str, Any]]:
    """Let a process end, and return what it said of each answer."""
    output, _ = await asyncio.wait_for(process.communicate(b""), 30)
    return [json.loads(line) for line in output.splitlines()]


async def redis_forget(url: str) -> None:
    """Take away what earlier tests have told each other about keys."""
    async with Redis.from_url(url) as redis:
        for key in await redis.keys("{chatsite}:*"):
            await redis.delete(key)


async def until(seconds: float, condition: Any) -> None:
    """Wait for something to become true, and fail after so long."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)
