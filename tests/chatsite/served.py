"""A process of its own that serves a small application through our server, for its tests.

Prints one line for each thing that happened: ``listening <port>``, ``started``,
``disconnected <code>``, ``cancelled <path>``, ``ended``, ``stopped``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from django.conf import settings

settings.configure(CHANNEL_LAYERS={})

from chatsite.server import Server  # noqa: E402 - it reads the settings

CHUNK = b"x" * 32_768
CHUNKS = 2_000  # 62 MiB
COUNTED = 1_000  # of 1,000 bytes each
# Around each length at which a frame's head becomes longer.
SIZES = (1, 125, 126, 65_535, 65_536)
released = asyncio.Event()  # by a request for /release: now /late takes what was sent


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - how the test hears of it


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    path = scope["path"]
    try:
        await (socket if scope["type"] == "websocket" else page)(path, receive, send)
    except asyncio.CancelledError:
        say("cancelled", path)
        raise


async def page(path: str, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if path == "/length":
        length, more = 0, True
        while more:
            message = await receive()
            length, more = length + len(message["body"]), message["more_body"]
        await send({"type": "http.response.body", "body": str(length).encode()})
        return
    if path == "/release":
        released.set()
    if path == "/flood":
        for number in range(CHUNKS):
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
            if number % 500 == 0:
                say("sent", number)
        say("sent", CHUNKS)
    if path == "/slow":
        await send({"type": "http.response.body", "body": b"first,", "more_body": True})
        await asyncio.sleep(0.5)
    await send({"type": "http.response.body", "body": b"done"})


async def socket(path: str, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    if path == "/flood":
        for _ in range(CHUNKS):
            await send({"type": "websocket.send", "text": CHUNK.decode()})
        say("sent", CHUNKS)
    if path == "/large":
        await send({"type": "websocket.send", "text": "x" * 1_000_000})
    if path in {"/sizes", "/count"}:
        await (sizes if path == "/sizes" else count)(send)
        await send({"type": "websocket.close"})
    if path == "/deaf":
        await asyncio.sleep(3600)
    if path == "/late":
        await released.wait()
        taken = 0
        while (await receive())["text"] != "last":
            taken += 1
        say("took", taken)
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            say("disconnected", message["code"])
            return
        await send({"type": "websocket.send", "text": message["text"]})


async def sizes(send: Any) -> None:
    for size in SIZES:
        await send({"type": "websocket.send", "text": "x" * size})
        await send({"type": "websocket.send", "bytes": b"y" * size})


async def count(send: Any) -> None:
    for number in range(COUNTED):
        await send({"type": "websocket.send", "text": f"{number:04}" * 250})


def main(grace_seconds: float, port: int = 0) -> None:
    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None, None]:
        if grace_seconds < 0:
            raise ValueError("too little grace")
        say("listening", server.listening_addresses[0][1])
        yield
        say("ending")
        await asyncio.sleep(grace_seconds)
        say("ended")

    server = Server(
        application,
        endpoints=[f"tcp:port={port}:interface=127.0.0.1"],
        lifespan=lifespan,
        drain_seconds=2,
    )
    server.run()
    say("stopped", server.failure)


if __name__ == "__main__":
    main(float(sys.argv[1]), *map(int, sys.argv[2:]))
