"""The end of a server: what runs is finished or told, and nobody new is let in."""

from __future__ import annotations

import signal
import socket

import aiohttp
import pytest

from tests.chatsite.server_process import WAIT, serve


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
