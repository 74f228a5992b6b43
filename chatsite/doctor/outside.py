"""Asking the site from outside, as a browser would: HTTP and a websocket at its public address."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import aiohttp

from chatsite.mirror import HEADER

SECONDS = 10.0
CLAIMED = "192.0.2.66"  # of a network that is nobody's (RFC 5737)
MAX_BYTES = 64 * 1024
HELLO = {
    "type": "hello",
    "protocol": 1,
    "token": None,
    "conversation": "new",
    "revision": 0,
    "cursor": None,
}


class Fault(Enum):
    """Why no HTTP answer came."""

    NAME = auto()
    REFUSED = auto()
    TLS = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Args:
        fault: Why nothing did, else None.
        status: Of the answer.
        location: Where it leads.
        seen: What the mirror told, or nothing if it was no mirror.
    """

    fault: Fault | None = None
    status: int = 0
    location: str = ""
    seen: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """How far a websocket came.

    Args:
        status: What answered the handshake instead of opening it; 0 if it opened.
        is_welcome: Whether the site has said welcome.
        took_ms: Until then.
    """

    status: int = 0
    is_welcome: bool = False
    took_ms: int = 0


async def mirror_ask(url: str, token: str, *, seconds: float = SECONDS) -> Answer:
    """Ask the mirror what it sees, while claiming to be somebody else.

    Args:
        url: The mirror's public address.
        token: Opens it.
        seconds: For everything together.
    """
    headers = {HEADER: token, "X-Real-IP": CLAIMED, "X-Forwarded-For": CLAIMED}
    try:
        async with (
            _session(seconds) as http,
            http.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            return Answer(
                status=answer.status,
                location=answer.headers.get("Location", ""),
                seen=_seen(await answer.content.read(MAX_BYTES)),
            )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Answer(fault=_fault(error))


async def socket_open(url: str, origin: str, *, seconds: float = SECONDS) -> Upgrade:
    """Open a websocket as a new visitor, and leave as soon as we are welcome; nothing is kept.

    Args:
        url: Of a widget's websocket.
        origin: The site's own.
        seconds: For everything together.
    """
    begun = time.monotonic()
    try:
        async with (
            asyncio.timeout(seconds),
            _session(seconds) as http,
            http.ws_connect(url, origin=origin) as socket,
        ):
            await socket.send_str(json.dumps(HELLO))
            frame = await socket.receive()
            is_welcome = (
                frame.type is aiohttp.WSMsgType.TEXT and json.loads(frame.data)["type"] == "welcome"
            )
            return Upgrade(is_welcome=is_welcome, took_ms=round((time.monotonic() - begun) * 1000))
    except aiohttp.WSServerHandshakeError as refusal:
        return Upgrade(status=refusal.status)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError):
        return Upgrade()


def _session(seconds: float) -> aiohttp.ClientSession:
    # Not by way of HTTP_PROXY: it is our own proxy that is examined.
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds), trust_env=False)


def _seen(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and "is_trusted" in found else {}


def _fault(error: Exception) -> Fault:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Fault.NAME
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return Fault.TLS
    if isinstance(error, aiohttp.ClientConnectorError):
        return Fault.REFUSED
    return Fault.SILENT
