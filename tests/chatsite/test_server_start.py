"""What systemd hears of a server that starts, and what everybody hears of one that cannot."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.chatsite.server_process import ROOT, WAIT, serve


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
