from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chatsite.proxies import WAY, ProxyGuard, Way, networks_parse
from tests.chatsite.started import manage

PROXY, STRANGER, CUSTOMER = "10.0.0.5", "203.0.113.9", "198.51.100.7"
OTHERS = [(b"host", b"chat.example.com"), (b"user-agent", b"tests")]
SPOKEN = [
    (b"x-real-ip", CUSTOMER.encode()),
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-for", CUSTOMER.encode()),
    (b"x-forwarded-host", b"evil.example"),
    (b"forwarded", b"for=198.51.100.7"),
]


async def passed(
    peer: str | None,
    trusted: Sequence[str] = (f"{PROXY}/32", "172.16.0.0/12", "fd00::/8"),
    headers: Sequence[tuple[bytes, bytes]] = (*OTHERS, *SPOKEN),
) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        found.append(scope)

    scope = {"type": "http", "client": [peer, 4711] if peer else None, "headers": list(headers)}
    before = {**scope, "headers": list(headers)}
    await ProxyGuard(application, networks_parse(trusted))(scope, None, None)
    assert scope == before  # the server's own scope is nobody else's
    return found[0]


@pytest.mark.parametrize("peer", [PROXY, "172.31.255.1", "::ffff:10.0.0.5", "fd12::1"])
async def test_a_named_proxy_says_who_the_client_is(peer: str) -> None:
    scope = await passed(peer)
    assert scope["client"] == [CUSTOMER, 0]
    assert scope["headers"] == [*OTHERS, *SPOKEN]
    assert scope[WAY] == Way(peer, is_trusted=True, is_named=True)


@pytest.mark.parametrize("peer", [STRANGER, "10.0.0.6", "172.32.0.1", "not an address"])
async def test_a_stranger_says_nothing(peer: str) -> None:
    scope = await passed(peer)
    assert scope["client"] == [peer, 4711]
    assert scope["headers"] == OTHERS
    assert scope[WAY] == Way(peer, is_trusted=False, is_named=False)


async def test_a_unix_socket_is_trusted_where_anybody_is() -> None:
    assert (await passed(None))["client"] == [CUSTOMER, 0]
    unbelieving = await passed(None, trusted=())
    assert (unbelieving["client"], unbelieving["headers"]) == (None, OTHERS)


@pytest.mark.parametrize("said", [b"", b"somebody", b"198.51.100.7, 203.0.113.9", b"\xff"])
async def test_what_is_no_address_is_not_taken_for_one(said: bytes) -> None:
    assert (await passed(PROXY, headers=[(b"x-real-ip", said)]))["client"] == [PROXY, 4711]


async def test_a_header_that_was_added_to_the_clients_own_is_not_believed() -> None:
    two = [(b"x-real-ip", b"192.0.2.66"), (b"x-real-ip", CUSTOMER.encode())]
    assert (await passed(PROXY, headers=two))["client"] == [PROXY, 4711]


async def test_a_mapped_address_counts_as_the_one_it_maps() -> None:
    scope = await passed(PROXY, headers=[(b"x-real-ip", b"::ffff:198.51.100.7")])
    assert scope["client"] == [CUSTOMER, 0]


@pytest.mark.parametrize(
    ("trusted", "status"), [("127.0.0.0/8", 302), ("192.0.2.0/24", 301), ("", 302)]
)
async def test_the_site_believes_in_https_only_from_its_own_proxies(
    trusted: str, status: int, tmp_path: Path
) -> None:
    public = {
        "SITE_URL": "https://chat.example.com",
        "ALLOWED_HOSTS": "chat.example.com",
        "TRUSTED_PROXIES": trusted,
        "DEBUG": "",
    }
    database = tmp_path / "db"
    for command in (("migrate", "-v0"), ("collectstatic", "--no-input", "-v0")):
        async with manage(*command, database=database, **public) as done:
            assert await done.ended() == 0, done.said
    async with manage("serve", database=database, **public) as site:
        await site.heard("Listening")
        headers = {"Host": "chat.example.com", "X-Forwarded-Proto": "https"}
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{site.url}/admin/", headers=headers, allow_redirects=False) as answer,
        ):
            assert answer.status == status  # 301 leads to https, 302 to the login
