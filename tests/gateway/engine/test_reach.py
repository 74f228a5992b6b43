from __future__ import annotations

import asyncio
import socket

import pytest

from gateway.engine.config import ProviderConfig
from gateway.engine.errors import AddressBlockedError, DeadlineExceededError
from gateway.engine.reach import provider_reach


def config(url: str, *, is_private: bool = True) -> ProviderConfig:
    return ProviderConfig(name="shop", base_url=url, keys=(), allow_private=is_private)


async def answering(head: str) -> tuple[asyncio.Server, str, list[str]]:
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", asked


async def test_a_refusal_is_an_answer_and_no_key_is_sent() -> None:
    server, url, asked = await answering("401 No\r\nDate: Thu, 01 Jan 1970 00:00:42 GMT")
    async with server:
        reach = await provider_reach(config(url))
    assert (reach.error, reach.clock) == (None, 42.0)
    assert asked[0].startswith("GET /v1/models ")
    assert "authorization" not in asked[0].lower()


@pytest.mark.parametrize("date", ["", "\r\nDate: yesterday", "\r\nDate: Thu, 99 Jan 1970 0:0:0"])
async def test_a_provider_need_not_tell_the_time(date: str) -> None:
    server, url, _ = await answering(f"200 OK{date}")
    async with server:
        reach = await provider_reach(config(url))
    assert (reach.error, reach.clock) == (None, None)


async def test_an_address_that_may_not_be_called_is_not() -> None:
    server, url, asked = await answering("200 OK")
    async with server:
        reach = await provider_reach(config(url, is_private=False))
    assert isinstance(reach.error, AddressBlockedError)
    assert asked == []


async def test_an_address_that_is_no_address_of_a_provider_is_not_called() -> None:
    reach = await provider_reach(config("http://api.example.com/v1", is_private=False))
    assert isinstance(reach.error, AddressBlockedError)
    assert "must be called by https" in reach.error.detail


async def test_silence_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/v1"
        reach = await provider_reach(config(url), seconds=0.2)
    assert isinstance(reach.error, DeadlineExceededError)
