"""Clients that read nothing or never stop: memory stays bounded, and no byte is lost."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp

from tests.chatsite.server_process import WAIT, Served, serve


@asynccontextmanager
async def raw_websocket(served: Served, path: str) -> AsyncGenerator[socket.socket, None]:
    """A websocket of which nothing is read after the handshake."""
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        # Before it connects: the window is agreed on then.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", served.port))
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await loop.run_in_executor(None, connection.recv, 12)
        assert head == b"HTTP/1.1 101"
        connection.settimeout(0)
        yield connection


async def steady(served: Served) -> float:
    """Return the memory once it has stopped growing for half a second."""
    seen = [served.memory_mib]
    async with asyncio.timeout(WAIT):
        while len(seen) < 6 or seen[-1] - seen[-6] > 1:
            await asyncio.sleep(0.1)
            seen.append(served.memory_mib)
    return seen[-1]


async def test_sockets_that_read_nothing_stay_bounded_in_memory() -> None:
    async with serve() as served:
        before = served.memory_mib
        async with raw_websocket(served, "/flood"), raw_websocket(served, "/flood"):
            assert await steady(served) - before < 16  # of 124 that want to be sent


async def test_a_socket_that_reads_slowly_gets_everything_in_the_end() -> None:
    async with serve() as served, aiohttp.ClientSession() as session:
        received = 0
        async with session.ws_connect(f"{served.url}/flood") as client:
            async for message in client:
                received += len(message.data)
                if received == 2_000 * 32_768:
                    break
        assert received == 2_000 * 32_768
        await served.heard("sent 2000")


async def test_messages_of_every_size_arrive_and_the_close_comes_behind_them() -> None:
    async with serve() as served, aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{served.url}/sizes", max_msg_size=0) as client:
            messages = [message.data async for message in client]
        sizes = (1, 125, 126, 65_535, 65_536)
        assert messages == [made for size in sizes for made in ("x" * size, b"y" * size)]
        assert client.close_code == 1000


async def test_a_message_in_pieces_is_heard_whole_and_answered() -> None:
    async with serve() as served, raw_websocket(served, "/echo") as client:
        client.settimeout(WAIT)
        pieces = (b"\x01\x82\0\0\0\0do", b"\x00\x83\0\0\0\0 yo", b"\x80\x81\0\0\0\0u")
        client.sendall(b"".join(pieces))
        stream = client.makefile("rb")
        await asyncio.to_thread(stream.readline)  # the rest of the handshake
        while await asyncio.to_thread(stream.readline) != b"\r\n":
            pass
        assert await asyncio.to_thread(stream.read, 8) == b"\x81\x06do you"


async def test_a_late_reader_hears_all_in_order() -> None:
    async with serve() as served, raw_websocket(served, "/count") as client:
        await steady(served)  # by now it waits at the gate
        client.settimeout(WAIT)
        heard = b""
        while not heard.endswith(b"\x88\x02\x03\xe8"):
            heard += await asyncio.to_thread(client.recv, 65_536)
    frames = heard.partition(b"\r\n\r\n")[2]
    expected = (b"\x81\x7e" + (1_000).to_bytes(2) + b"%04d" % n * 250 for n in range(1_000))
    assert frames == b"".join(expected) + b"\x88\x02\x03\xe8"


async def taken_before_stall(client: socket.socket, frame: bytes) -> int:
    """Send one frame after another until nothing is taken for a second; return the bytes."""
    taken, moved_at = 0, time.monotonic()
    async with asyncio.timeout(WAIT):
        while time.monotonic() - moved_at < 1:
            try:
                taken += client.send(frame[taken % len(frame) :])
                moved_at = time.monotonic()
            except BlockingIOError:
                await asyncio.sleep(0.02)
    return taken


async def test_a_client_that_never_stops_sending_is_held_up() -> None:
    frame = b"\x81\xfe\xff\xff\x00\x00\x00\x00" + b"y" * 65_535
    async with serve() as served, raw_websocket(served, "/deaf") as client:
        before = served.memory_mib
        assert await taken_before_stall(client, frame) > 16 * len(frame)
        assert served.memory_mib - before < 16


async def test_a_client_that_is_held_up_loses_nothing() -> None:
    frame = b"\x81\xfe\xff\xff\x00\x00\x00\x00" + b"y" * 65_535
    async with (
        serve() as served,
        raw_websocket(served, "/late") as client,
        aiohttp.ClientSession() as session,
    ):
        taken = await taken_before_stall(client, frame)
        await session.get(f"{served.url}/release")
        client.settimeout(WAIT)
        await asyncio.to_thread(client.sendall, frame[taken % len(frame) :])
        client.sendall(b"\x81\x84\x00\x00\x00\x00last")
        await served.heard(f"took {taken // len(frame) + 1}")


async def test_pings_of_a_client_that_reads_nothing_are_not_answered_into_memory() -> None:
    pings = b"\x89\xfd\x00\x00\x00\x00" + b"p" * 125
    async with serve() as served, raw_websocket(served, "/echo") as client:
        before = served.memory_mib
        await taken_before_stall(client, pings * 500)
        assert served.memory_mib - before < 16


async def test_a_page_that_nobody_reads_waits_for_its_reader() -> None:
    async with serve() as served:
        before = served.memory_mib
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=4096)
        writer.write(b"GET /flood HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await served.heard("sent 0")
        assert await steady(served) - before < 16
        assert "sent 2000" not in served.lines
        body = await reader.read()
        while more := await reader.read(1 << 20):
            body = more
        assert body.endswith(b"done\r\n0\r\n\r\n")
        await served.heard("sent 2000")
        writer.close()


async def test_a_reader_who_leaves_frees_whoever_was_sending() -> None:
    async with serve() as served:
        async with raw_websocket(served, "/flood"):
            await steady(served)
        await served.heard("sent 2000")
        await served.heard("disconnected")
