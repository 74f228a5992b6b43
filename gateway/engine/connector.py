"""aiohttp's connector with what it lacks: a bound for idle connections, a clock, a guard.

Stock aiohttp bounds connections in use and leaves idle ones unbounded; its connect clock does not
cover the name look-up. Both hooks below are private methods of aiohttp: their tests use real
sockets and fail when a new version moves them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.tracing import Trace

from gateway.engine.addresses import is_public_address
from gateway.engine.errors import AddressBlockedError

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler


class BoundedConnector(aiohttp.TCPConnector):
    """Opens connections within bounds.

    Args:
        connections: The most in use at once.
        idle: The most that are kept for later.
        connect_seconds: For name look-up, TCP and TLS together.
        allow_private: Whether addresses that are not public may be called.
    """

    def __init__(
        self,
        *,
        connections: int,
        idle: int,
        connect_seconds: float,
        allow_private: bool,
        ssl_context: ssl.SSLContext,
    ) -> None:
        super().__init__(limit=connections, keepalive_timeout=30.0, ssl=ssl_context)
        self._idle_limit = idle
        self._connect_seconds = connect_seconds
        self._allow_private = allow_private

    @property
    def idle_count(self) -> int:
        """How many connections are open and unused."""
        return sum(len(connections) for connections in self._conns.values())

    @property
    def open_count(self) -> int:
        """How many connections are open, used or not."""
        return len(self._acquired) + self.idle_count

    async def _create_connection(self, *args: Any, **kwargs: Any) -> ResponseHandler:
        async with asyncio.timeout(self._connect_seconds):
            return await super()._create_connection(*args, **kwargs)

    async def _resolve_host(
        self, host: str, port: int, traces: Sequence[Trace] | None = None
    ) -> list[ResolveResult]:
        found = await super()._resolve_host(host, port, traces)
        if self._allow_private:
            return found
        public = [address for address in found if is_public_address(address["host"])]
        if not public:
            raise AddressBlockedError("the provider's name leads into a private network")
        return public

    def _release(
        self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False
    ) -> None:
        is_full = self.idle_count >= self._idle_limit
        super()._release(key, protocol, should_close=should_close or is_full)
