"""A process of the site that chats without pause: ``python -m tests.gateway.rotation_process 20``.

It says of each answer which key gave it, when it began and whether it reached its end, one JSON
line each, until its standard input is closed. ``SHARED_REDIS_URL`` names the Redis that it shares
with the others, and ``SPREAD_SECONDS`` over how long the first calls begin.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import os
import sys
import time

import django
from django.conf import settings

faulthandler.dump_traceback_later(58, file=sys.stderr)
django.setup()
settings.REDIS_URL = os.environ.get("SHARED_REDIS_URL", "")  # the tests' settings have none

from gateway import jobs  # noqa: E402  # Django comes first
from gateway.engine.errors import GatewayError  # noqa: E402  # as above
from gateway.engine.types import (  # noqa: E402  # as above
    ChatMessage,
    ChatRequest,
    Finished,
    Role,
    Started,
    Target,
)
from gateway.runtime import gateway, gateway_close  # noqa: E402  # as above

REQUEST = ChatRequest(
    messages=(
        ChatMessage(Role.SYSTEM, "Q: Where is it?\nA: " + " ".join(["word"] * 12)),
        ChatMessage(Role.USER, "Where is it, this word?"),
    ),
    route=(Target("sandbox", "sandbox-1"),),
)


async def answer() -> None:
    """Ask once, and say how it went."""
    said: dict[str, object] = {"key": "", "at": time.time(), "fault": "unfinished"}
    try:
        async for chunk in (await gateway()).stream(REQUEST):
            if isinstance(chunk, Started):
                said["key"] = chunk.key_label
            if isinstance(chunk, Finished):
                said["fault"] = ""
    except GatewayError as error:
        said["fault"] = error.code
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def main(streams: int) -> None:
    """Keep so many answers under way, and tell the others by heartbeat."""
    is_over = asyncio.Event()
    spread = float(os.environ.get("SPREAD_SECONDS", "3"))

    async def chat(number: int) -> None:
        await asyncio.sleep(number * spread / streams)  # so that some call begins at any time
        while not is_over.is_set():
            await answer()

    async def beat() -> None:
        while not is_over.is_set():
            await jobs.beat()
            await asyncio.sleep(0.5)

    tasks = [asyncio.create_task(chat(number)) for number in range(streams)]
    tasks.append(asyncio.create_task(beat()))
    await asyncio.to_thread(sys.stdin.read)
    is_over.set()
    await asyncio.gather(*tasks)
    await gateway_close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
