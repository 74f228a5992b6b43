"""A provider in a process of its own that plays the script and remembers every call.

Prints its port. ``GET /calls`` tells what was called, with times of the machine's monotonic
clock, which all processes share; ``POST /release`` lets lines go on that wait. Its bytes come
in slices that respect no character.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass

from aiohttp import web

from gateway.sandbox.payloads import asked_read, chunk, chunk_usage, usage
from tests.chaos.script import HELD_BACK_WORDS, Line, line_read

HEAD = {"id": "chatcmpl-chaos", "created": 0, "model": "sandbox-1"}


@dataclass
class Call:
    """One call, from the moment it was read until its socket closed or all was said."""

    question: str
    opened_at: float
    closed_at: float | None = None
    said: int = 0
    is_complete: bool = False


CALLS = web.AppKey("calls", list[Call])
RELEASED = web.AppKey("released", asyncio.Event)


async def complete(request: web.Request) -> web.StreamResponse:
    asked = asked_read(await request.read())
    line = line_read(asked.question)
    call = Call(asked.question, time.monotonic())
    request.app[CALLS].append(call)
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    try:
        await response.prepare(request)
        await _say(response, line, call, request.app[RELEASED])
        await _send(response, chunk(HEAD, {}, finish="stop"))
        await _send(response, chunk_usage(HEAD, usage(asked, call.said)))
        await response.write(b"data: [DONE]\n\n")
        call.is_complete = True
    finally:
        call.closed_at = time.monotonic()
    return response


async def _say(
    response: web.StreamResponse, line: Line, call: Call, released: asyncio.Event
) -> None:
    began_at = asyncio.get_running_loop().time()
    slices = random.Random(line.canary)
    for piece in line.pieces:
        if line.waits and call.said == line.words - HELD_BACK_WORDS:
            await released.wait()
        event = _event(chunk(HEAD, {"content": piece}))
        cut = slices.randrange(1, len(event))
        await response.write(event[:cut])
        await response.write(event[cut:])
        call.said += 1
        due_at = began_at + call.said * line.pace_ms / 1000
        await asyncio.sleep(due_at - asyncio.get_running_loop().time())


async def _send(response: web.StreamResponse, payload: dict[str, object]) -> None:
    await response.write(_event(payload))


def _event(payload: dict[str, object]) -> bytes:
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


async def calls(request: web.Request) -> web.Response:
    return web.json_response([asdict(call) for call in request.app[CALLS]])


async def release(request: web.Request) -> web.Response:
    request.app[RELEASED].set()
    return web.Response()


async def main() -> None:
    application = web.Application()
    application[CALLS] = []
    application[RELEASED] = asyncio.Event()
    application.router.add_post("/v1/chat/completions", complete)
    application.router.add_get("/calls", calls)
    application.router.add_post("/release", release)
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
