from __future__ import annotations

from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from chatsite.origin import LoopbackMiddleware, OriginGuard

SITE = "https://chat.example.com"


async def let_in(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})


async def is_let_in(*origins: bytes) -> bool:
    headers = [(b"origin", origin) for origin in origins]
    socket = WebsocketCommunicator(OriginGuard(let_in, SITE), "/ws/", headers=headers)
    is_open, _ = await socket.connect()
    await socket.wait()
    return bool(is_open)


async def test_our_own_pages_may_open_the_socket() -> None:
    assert await is_let_in(SITE.encode())


@pytest.mark.parametrize(
    "origins",
    [
        [],
        [b""],
        [b"null"],
        [b"http://chat.example.com"],
        [b"https://chat.example.com:8443"],
        [b"https://chat.example.com:443"],
        [b"https://chat.example.com/"],
        [b"https://chat.example.com.evil.example"],
        [b"https://evil.example/https://chat.example.com"],
        [b"https://user@chat.example.com"],
        [b"https://CHAT.example.com"],
        [b"https://chat.example.com, https://chat.example.com"],
        [b"https://chat.example.com", b"https://chat.example.com"],
        [b"https://evil.example", b"https://chat.example.com"],
        [b"\xff"],
    ],
)
async def test_nobody_else_may(origins: list[bytes]) -> None:
    assert not await is_let_in(*origins)


def redirected(host: str, method: str = "GET") -> str | None:
    request = RequestFactory().generic(method, "/chat/x/?a=1", headers={"host": host})
    answer = LoopbackMiddleware(lambda request: HttpResponse()).process_request(request)
    return answer["Location"] if answer else None


@pytest.mark.parametrize("host", ["localhost:8000", "[::1]:8000"])
def test_another_name_of_this_machine_leads_to_the_sites_own(host: str) -> None:
    assert redirected(host) == "http://127.0.0.1:8000/chat/x/?a=1"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "shop.example", "shop.example:8000"])
def test_the_site_itself_and_strangers_are_left_alone(host: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert redirected(host) is None


def test_what_cannot_be_asked_again_is_left_alone() -> None:
    assert redirected("localhost:8000", "POST") is None


def test_a_public_site_has_no_such_rule(settings: Settings) -> None:
    settings.SITE_URL = SITE
    with pytest.raises(MiddlewareNotUsed):
        LoopbackMiddleware(lambda request: HttpResponse())


@pytest.mark.django_db
def test_the_rule_stands_in_the_site() -> None:
    answer = Client().get("/admin/", headers={"host": "localhost:8000"})
    assert answer["Location"] == "http://127.0.0.1:8000/admin/"
