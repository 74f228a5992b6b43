"""On real sockets: the bounds of the pool, the guard, the proxy, and how faults are told apart."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from base64 import b64encode
from contextlib import ExitStack

import pytest

from gateway.engine.config import Clocks, Pool, Secret
from gateway.engine.connector import BoundedConnector
from gateway.engine.errors import AddressBlockedError, GatewayError, TransientError
from gateway.engine.pipeline import Gateway, Settings
from gateway.engine.retry import RetryPolicy
from tests.gateway.engine.conftest import GatewayFactory, ScriptedFactory
from tests.gateway.engine.upstreams import (
    GOOD_WHOLE,
    Received,
    answers,
    ask,
    good_stream,
    good_whole,
    provider,
)

ONCE = Settings(retry=RetryPolicy(attempts=1))


def connector_of(gateway: Gateway) -> BoundedConnector:
    return gateway._upstreams["here"]._wire.connector  # noqa: SLF001  # its bounds are tested here


async def slow_whole(request: Received, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.02)
    await good_whole(request, writer)


async def test_no_more_connections_are_open_than_allowed(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(slow_whole)
    gateway = gateway_of(provider(server.url, pool=Pool(connections=5, idle=2)))
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, server.open_connections)
            await asyncio.sleep(0.001)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(gateway.complete(ask()) for _ in range(40)))
    watching.cancel()

    assert most == 5


async def test_no_more_connections_are_kept_than_allowed(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(slow_whole)
    gateway = gateway_of(provider(server.url, pool=Pool(connections=10, idle=3)))
    await asyncio.gather(*(gateway.complete(ask()) for _ in range(10)))

    assert connector_of(gateway).idle_count == 3
    assert connector_of(gateway).open_count == 3


async def test_by_default_a_hundred_may_be_open_and_twenty_idle() -> None:
    assert Pool() == Pool(connections=100, idle=20)


async def test_a_name_that_leads_into_a_private_network_is_not_called(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await scripted(good_whole)
    port = int(server.url.rpartition(":")[2].removesuffix("/v1"))

    async def resolve(*_: object, **__: object) -> list[dict[str, object]]:
        """Answer as a name does that has changed its mind since it was checked."""
        return [{"hostname": "rebound.example", "host": "127.0.0.1", "port": port}]

    monkeypatch.setattr("aiohttp.ThreadedResolver.resolve", resolve)
    rebound = provider(f"https://rebound.example:{port}/v1", allow_private=False)
    gateway = gateway_of(rebound, settings=ONCE)

    with pytest.raises(AddressBlockedError):
        await gateway.complete(ask())
    assert server.accepted == 0


async def test_of_several_addresses_only_the_public_ones_are_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(*_: object, **__: object) -> list[dict[str, object]]:
        return [{"host": "10.0.0.1", "port": 443}, {"host": "1.1.1.1", "port": 443}]

    monkeypatch.setattr("aiohttp.ThreadedResolver.resolve", resolve)
    connector = BoundedConnector(
        connections=1,
        idle=1,
        connect_seconds=1.0,
        allow_private=False,
        ssl_context=ssl.create_default_context(),
    )

    found = await connector._resolve_host("mixed.example", 443)  # noqa: SLF001  # nothing may be dialled here
    assert [address["host"] for address in found] == ["1.1.1.1"]
    await connector.close()


async def test_a_private_base_url_is_refused_unless_allowed(gateway_of: GatewayFactory) -> None:
    gateway = gateway_of(provider("https://169.254.169.254/v1", allow_private=False))

    with pytest.raises(AddressBlockedError, match="private network"):
        await gateway.complete(ask())


async def test_connecting_has_a_clock_of_its_own(gateway_of: GatewayFactory) -> None:
    # A listener whose backlog is full and who accepts nobody: connecting to it hangs.
    with socket.socket() as listener, ExitStack() as stuffed:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        host, port = listener.getsockname()
        for _ in range(4):
            client = stuffed.enter_context(socket.socket())
            client.settimeout(0)
            client.connect_ex((host, port))
        gateway = gateway_of(
            provider(f"http://{host}:{port}/v1"),
            settings=Settings(clocks=Clocks(connect=0.1), retry=RetryPolicy(attempts=1)),
        )

        with pytest.raises(TransientError, match="connecting took too long"):
            await gateway.complete(ask())


class Proxy:
    """A real HTTP proxy for plain requests; it forwards what it may."""

    def __init__(self, authorization: str | None = None) -> None:
        self.seen: list[bytes] = []
        self.authorization = authorization

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def stop(self) -> None:
        self._server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.seen.append(head)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
        body = await reader.readexactly(length)
        shown = head.lower().partition(b"proxy-authorization: ")[2].partition(b"\r")[0]
        if self.authorization and shown != self.authorization.lower().encode():
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        elif head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        else:
            target = head.split(b" ", 2)[1].removeprefix(b"http://")
            host = target.partition(b"/")[0]
            name, _, port = host.partition(b":")
            upstream, out = await asyncio.open_connection(name.decode(), int(port))
            out.write(head.replace(b"http://" + host, b"", 1) + body)
            writer.write(await upstream.read(65536))
            out.close()
        await writer.drain()
        writer.close()


async def test_it_calls_through_a_proxy(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server, proxy = await scripted(good_whole), Proxy()
    address = await proxy.start()
    gateway = gateway_of(provider(server.url, proxy_url=Secret(f"http://{address}")))

    assert (await gateway.complete(ask())).text == "We ship there."
    assert proxy.seen[0].startswith(f"POST {server.url}/chat/completions".encode())
    await proxy.stop()


async def test_it_shows_the_proxy_its_password(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    credentials = b64encode(b"me:p@ss").decode()
    server, proxy = await scripted(good_whole), Proxy(f"Basic {credentials}")
    address = await proxy.start()
    gateway = gateway_of(provider(server.url, proxy_url=Secret(f"http://me:p%40ss@{address}")))

    assert (await gateway.complete(ask())).text == "We ship there."
    await proxy.stop()


async def test_a_proxy_that_refuses_a_tunnel_is_a_passing_fault(gateway_of: GatewayFactory) -> None:
    proxy = Proxy()
    address = await proxy.start()
    url = Secret(f"http://me:secret@{address}")
    gateway = gateway_of(provider("https://api.example/v1", proxy_url=url), settings=ONCE)

    with pytest.raises(TransientError, match="the proxy refused") as caught:
        await gateway.complete(ask())
    assert proxy.seen[0].startswith(b"CONNECT api.example:443")
    assert b"proxy-authorization: basic" in proxy.seen[0].lower()
    assert "secret" not in repr(caught.value) + str(caught.value.__dict__)
    await proxy.stop()


async def test_a_proxy_that_is_not_there_is_a_passing_fault(gateway_of: GatewayFactory) -> None:
    gone = Proxy()
    address = await gone.start()
    await gone.stop()
    proxied = provider("https://api.example/v1", proxy_url=Secret(f"http://{address}"))

    with pytest.raises(TransientError, match="proxy could not be reached"):
        await gateway_of(proxied, settings=ONCE).complete(ask())


async def test_the_environments_proxy_is_not_read(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = await scripted(good_stream)

    assert [chunk async for chunk in gateway_of(provider(server.url)).stream(ask())]


async def test_an_answer_that_is_compressed_all_the_same_is_read(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    body = gzip.compress(GOOD_WHOLE)
    server = await scripted(answers(body, headers="Content-Encoding: gzip\r\n"))

    assert (await gateway_of(provider(server.url)).complete(ask())).text == "We ship there."
    assert server.received[0].headers["accept-encoding"] == "identity"


async def test_a_base_url_that_is_none_fails_at_once(gateway_of: GatewayFactory) -> None:
    with pytest.raises(GatewayError):
        await gateway_of(provider("nonsense"), settings=ONCE).complete(ask())
