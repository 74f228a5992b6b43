"""R16: a browser that does not read costs little memory and nobody else's time."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.chaos.browser import Browser
from tests.chaos.conftest import IS_LONG
from tests.chaos.pulse import pulse
from tests.chaos.world import World

DEAF = 100 if IS_LONG else 20
MIB_EACH = 1.0
SLOWER = 1.2
NOISE_SECONDS = 0.01  # what the machine itself adds from one moment to the next
WINDOWS = 3


async def test_browsers_that_do_not_read_stay_small_and_slow_nobody_down(world: World) -> None:
    talker, *others = [world.browser() for _ in range(10)]
    for browser in (talker, *others):
        await browser.welcomed()
    # A page of history that is worth not reading.
    for _ in range(3):
        await talker.answered(await talker.say(world.line(words=2_000, pace_ms=0).question))
    alone = await _p95(others)
    before = world.site.memory_mib
    with ExitStack() as stack:
        for _ in range(DEAF):
            stack.enter_context(_deaf(world, talker.transcript.token or ""))
        await _quiet(world)
        crowded = await _p95(others)
        grown = world.site.memory_mib - before
    assert grown < DEAF * MIB_EACH
    assert crowded < SLOWER * alone + NOISE_SECONDS
    print(f"{grown / DEAF:.2f} MiB each; p95 {alone:.4f} s alone, {crowded:.4f} s beside them")  # noqa: T201 - for the record
    await world.prove()


@contextmanager
def _deaf(world: World, token: str) -> Iterator[None]:
    """A client that asks for a page again and again, and reads none."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", world.site.port))
        connection.sendall(
            f"GET /ws/chat/{world.public_key}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: {world.origin}\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert connection.recv(12) == b"HTTP/1.1 101"
        hello = {"type": "hello", "protocol": 1, "token": token, "conversation": "latest"}
        hello |= {"revision": 0, "cursor": None}
        connection.sendall(_frame(hello))
        connection.settimeout(0)
        request = _frame({"type": "history", "before": 1_000})
        for _ in range(150):
            try:
                connection.send(request)
            except BlockingIOError:
                break
        yield


def _frame(content: dict[str, object]) -> bytes:
    """Return a client's text frame, masked with zeros."""
    payload = json.dumps(content).encode()
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE, *divmod(size, 256)])
    return head + bytes(4) + payload


async def _quiet(world: World) -> None:
    """Wait until every buffer is full with what the deaf have asked for."""
    used = world.site.cpu_seconds
    while True:
        await asyncio.sleep(0.5)
        before, used = used, world.site.cpu_seconds
        if used - before < 0.05:
            return


async def _p95(browsers: list[Browser]) -> float:
    """Return what 95 of 100 pings stay under, in the quietest of some windows."""
    return min([await pulse(browsers, seconds=1.5, share=0.95) for _ in range(WINDOWS)])
