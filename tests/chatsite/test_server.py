"""The server, as its clients see it: a process of its own, over real sockets."""

from __future__ import annotations

from io import BytesIO

import aiohttp
import pytest

from tests.chatsite.server_process import WAIT, serve


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
