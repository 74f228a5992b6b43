"""Whose word counts about where a request came from: that of proxies we know, and of nobody else.

A header is only as good as whoever sent it. What a stranger says of a client's address would
let him log in from anywhere and talk without limit, and what he says of https would make a plain
connection look safe. So his headers are dropped before anything reads them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

Application: TypeAlias = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# The one header that a proxy sets to the one address it saw; X-Forwarded-For begins with what
# the client claims.
ADDRESS_HEADER = b"x-real-ip"
SPOKEN_BY_PROXIES = frozenset(
    {ADDRESS_HEADER, b"x-forwarded-proto", b"x-forwarded-for", b"x-forwarded-host", b"forwarded"}
)
# Where a scope tells how the request came, for whoever examines that.
WAY = "chatsite.way"


@dataclass(frozen=True, slots=True)
class Way:
    """How a request came here.

    Args:
        peer: Whose connection it was; None over a unix socket.
        is_trusted: Whether that is one of our proxies.
        is_named: Whether it named the client.
    """

    peer: str | None
    is_trusted: bool
    is_named: bool


def networks_parse(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks that are meant.

    Args:
        texts: Addresses and networks, as in ``10.0.0.5`` and ``172.16.0.0/12``.

    Raises:
        ValueError: One of them is neither.
    """
    return tuple(ipaddress.ip_network(text) for text in texts)


class ProxyGuard:
    """Takes a trusted proxy's word for the client, and strikes out everybody else's.

    A connection over a unix socket has no address. Its folder's permissions say who may open
    it, so it is trusted wherever anybody is.

    Args:
        application: What comes next.
        trusted: The networks of our proxies; none: nobody's word counts.
    """

    def __init__(self, application: Application, trusted: Iterable[Network]) -> None:
        self.application = application
        self.trusted = tuple(trusted)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the request on as it may be believed."""
        client = scope.get("client")
        peer = client[0] if client else None
        is_trusted = self._is_trusted(peer)
        address = _address(_said(scope)) if is_trusted else None
        scope = {**scope, WAY: Way(peer, is_trusted, address is not None)}
        if address:
            scope["client"] = [str(address), 0]
        if not is_trusted:
            scope["headers"] = [
                pair for pair in scope["headers"] if pair[0] not in SPOKEN_BY_PROXIES
            ]
        await self.application(scope, receive, send)

    def _is_trusted(self, peer: str | None) -> bool:
        if peer is None:
            return bool(self.trusted)
        address = _address(peer)
        return address is not None and any(address in network for network in self.trusted)


def _said(scope: dict[str, Any]) -> str:
    values = [value for name, value in scope["headers"] if name == ADDRESS_HEADER]
    # Two of them come from a proxy that adds instead of setting: one is the client's own.
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
