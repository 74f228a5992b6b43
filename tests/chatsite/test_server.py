"""The server, as its clients see it: a process of its own, over real sockets."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).resolve().parents[2]
WAIT = 30.0  # generous: the machine may be busy


class Served:
    """The process, and what it said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.port = 0

    async def heard(self, start: str) -> str:
        """Return the first line that begins like this, when it has come."""
        for line in self.lines:
            if line.startswith(start):
                return line
        assert self.process.stdout
        async with asyncio.timeout(WAIT):
            async for raw in self.process.stdout:
                self.lines.append(raw.decode().strip())
                if self.lines[-1].startswith(start):
                    return self.lines[-1]
        raise AssertionError(f"{start!r} never came, only {self.lines}")

    @property
    def memory_mib(self) -> float:
        """The memory the process holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if "VmRSS" in line)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        async with asyncio.timeout(WAIT):
            return await self.process.wait()


@asynccontextmanager
async def serve(grace_seconds: float = 0.0) -> AsyncGenerator[Served, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chatsite.served",
        str(grace_seconds),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    served = Served(process)
    try:
        served.port = int((await served.heard("listening")).split()[1])
        yield served
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


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


async def test_one_connection_serves_many_requests() -> None:
    async with serve() as served, aiohttp.ClientSession() as session:
        for _ in range(5):
            async with session.get(f"{served.url}/slow") as answer:
                assert await answer.text() == "first,done"


async def test_a_body_has_a_bound() -> None:
    async with serve() as served, aiohttp.ClientSession() as session:
        for size, status in ((0, 200), (4 * 1024 * 1024, 200), (4 * 1024 * 1024 + 1, 413)):
            async with session.post(f"{served.url}/length", data=BytesIO(b"x" * size)) as answer:
                assert answer.status == status
                if status == 200:
                    assert await answer.text() == str(size)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_tells_sockets_to_come_back_and_ends_with_zero(number: int) -> None:
    async with serve(grace_seconds=0.3) as served, aiohttp.ClientSession() as session:
        clients = [await session.ws_connect(f"{served.url}/echo") for _ in range(3)]
        await clients[0].send_str("hello")
        assert (await clients[0].receive()).data == "hello"
        served.signal(number)
        for client in clients:
            message = await client.receive(timeout=WAIT)
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1012)
        assert await served.ended() == 0
        await served.heard("stopped None")
        # The code is the client's answer; what counts is that each consumer heard of the end.
        assert len([line for line in served.lines if line.startswith("disconnected")]) == 3
        assert served.lines.index("ending") < served.lines.index("ended")


async def test_a_page_under_way_is_finished_before_the_end() -> None:
    async with serve() as served, aiohttp.ClientSession() as session:
        async with session.get(f"{served.url}/slow") as answer:
            assert await answer.content.readexactly(6) == b"first,"
            served.signal()
            assert await answer.text() == "done"
        assert await served.ended() == 0


async def test_nobody_new_is_let_in_while_it_drains() -> None:
    async with serve(grace_seconds=60) as served:
        served.signal()
        await served.heard("ending")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", served.port))


async def test_what_does_not_end_by_itself_is_cancelled() -> None:
    async with serve() as served, aiohttp.ClientSession() as session:
        await session.ws_connect(f"{served.url}/deaf")
        served.signal()
        assert await served.ended() == 0
        await served.heard("cancelled /deaf")


async def test_a_second_signal_ends_the_waiting() -> None:
    async with serve(grace_seconds=3600) as served:
        served.signal(signal.SIGINT)
        await served.heard("ending")
        served.signal(signal.SIGINT)
        assert await served.ended() == 0
        await served.heard("stopped")
        assert "ended" not in served.lines


@pytest.mark.parametrize("size", [65_537, 8_000_000])
async def test_a_frame_over_64_kib_ends_the_socket_with_1009(size: int) -> None:
    async with (
        serve() as served,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{served.url}/echo", max_msg_size=0) as client,
    ):
        await client.send_str("x" * 65_536)
        assert len((await client.receive()).data) == 65_536
        await client.send_str("x" * size)
        assert (await client.receive(timeout=WAIT)).data == 1009


async def test_the_limit_is_for_what_clients_send_and_not_for_what_they_get() -> None:
    async with (
        serve() as served,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{served.url}/large", max_msg_size=0) as client,
    ):
        assert len((await client.receive(timeout=WAIT)).data) == 1_000_000
        await client.send_str("x" * 65_537)
        assert (await client.receive(timeout=WAIT)).data == 1009


async def test_it_never_compresses_frames() -> None:
    async with (
        serve() as served,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{served.url}/echo", compress=15) as client,
    ):
        assert client.compress == 0


async def failure(*arguments: str) -> str:
    """Return what the process says that is meant to fail."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chatsite.served",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await asyncio.wait_for(process.communicate(), WAIT)
    return out.decode().strip()


async def test_systemd_hears_when_it_serves_and_when_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(WAIT)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        async with serve() as served, aiohttp.ClientSession() as session:
            assert await asyncio.to_thread(systemd.recv, 64) == b"READY=1"
            async with session.get(f"{served.url}/") as answer:
                assert await answer.text() == "done"
            served.signal()
            assert await asyncio.to_thread(systemd.recv, 64) == b"STOPPING=1"
            assert await served.ended() == 0


async def test_systemd_hears_nothing_of_a_site_that_did_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        await failure("-1")
        assert systemd.recv(64) == b"STOPPING=1"
        with pytest.raises(BlockingIOError):
            systemd.recv(64)


async def test_a_supervisor_that_hears_nothing_keeps_nobody_from_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    async with serve() as served:
        served.signal()
        assert await served.ended() == 0
        await served.heard("ended")


async def test_a_busy_port_is_a_failure_with_a_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "Address already in use" in await failure("0", str(taken.getsockname()[1]))


async def test_a_lifespan_that_cannot_be_entered_ends_the_server() -> None:
    assert await failure("-1") == "stopped the site did not start: too little grace"
