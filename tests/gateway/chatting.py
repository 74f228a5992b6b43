"""Processes of the site that chat without pause, each started as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from django.db import connection


def _database_url() -> str:
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{row['NAME']}"
    user = ":".join(quote(str(row[part]), "") for part in ("USER", "PASSWORD") if row[part])
    return f"postgresql://{user}@{row['HOST']}:{row['PORT'] or 5432}/{row['NAME']}"


async def process_start(*, streams: int, redis_url: str = "") -> Process:
    """Start a process that keeps so many answers under way."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE_URL": _database_url(),
        "CHATTING_REDIS_URL": redis_url,
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
    """End it, and return what it said of each answer."""
    output, _ = await asyncio.wait_for(process.communicate(b""), 30)
    return [json.loads(line) for line in output.splitlines()]


async def until(seconds: float, condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: It did not come to be in time.
    """
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.2)
