"""HTTP, and nothing above it: the only module that knows httpx.

The API is httpx's, the transport aiohttp's (docs/architecture.md has the figures). That pair
reports a refused connection and a server that hangs up alike, and lets some of aiohttp's errors
escape raw, so faults are told apart by their cause. Redirects are not followed and the process's
environment (proxies, netrc) is not read.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Final, cast
from urllib.parse import unquote

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from gateway.engine.config import Pool, Secret
from gateway.engine.connector import BoundedConnector
from gateway.engine.errors import (
    NotACompletionError,
    StreamBrokenError,
    TransientError,
    UpstreamError,
)

_BEFORE_ANSWER: Final[tuple[tuple[type[Exception], type[UpstreamError], str], ...]] = (
    (aiohttp.ClientConnectorDNSError, TransientError, "the provider's name was not found"),
    (aiohttp.ClientProxyConnectionError, TransientError, "the proxy could not be reached"),
    (aiohttp.ClientHttpProxyError, TransientError, "the proxy refused"),
    (aiohttp.ClientSSLError, TransientError, "TLS failed"),
    (aiohttp.ClientConnectorError, TransientError, "the connection was refused"),
    (aiohttp.ServerTimeoutError, TransientError, "connecting took too long"),
    (TimeoutError, TransientError, "connecting took too long"),
    (aiohttp.ClientConnectionError, TransientError, "the provider hung up before answering"),
    (aiohttp.InvalidURL, NotACompletionError, "the base URL is not one that can be called"),
    (aiohttp.ClientError, NotACompletionError, "what answered does not speak HTTP"),
    (httpx.InvalidURL, NotACompletionError, "the base URL is not one that can be called"),
    (Exception, TransientError, "the request failed"),
)


class Reply:
    """An HTTP answer whose body has not been read yet.

    Args:
        response: The open response, owned by whoever opened it.
    """

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.is_success = response.is_success
        # httpx searches all its headers for each look-up; a dict is made once.
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers.raw
        }

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            StreamBrokenError: It did not arrive whole.
        """
        response = self._response
        is_encoded = self.headers.get("content-encoding", "identity") != "identity"
        body = (
            response.aiter_bytes() if is_encoded else cast("httpx.AsyncByteStream", response.stream)
        )
        try:
            async for data in body:
                yield data
        except (httpx.HTTPError, aiohttp.ClientError, OSError):
            raise StreamBrokenError("the answer was cut off", status=self.status) from None

    async def read(self, max_bytes: int) -> bytes:
        """Return the body, or as much of it as was allowed.

        Raises:
            StreamBrokenError: It did not arrive whole.
        """
        body = bytearray()
        async for data in self.chunks():
            body += data
            if len(body) >= max_bytes:
                break
        return bytes(body[:max_bytes])


class Wire:
    """The connections to one provider; made inside the event loop that uses it.

    Args:
        pool: How many connections.
        connect_seconds: For name look-up, TCP and TLS together.
        proxy_url: An outgoing HTTP proxy, which then does the looking-up.
        allow_private: Whether addresses that are not public may be called.
    """

    def __init__(
        self, *, pool: Pool, connect_seconds: float, proxy_url: Secret | None, allow_private: bool
    ) -> None:
        self.connector = BoundedConnector(
            connections=pool.connections,
            idle=pool.idle,
            connect_seconds=connect_seconds,
            allow_private=allow_private or proxy_url is not None,
            ssl_context=_ssl_context(),
        )
        proxy, self._proxy_authorization = _proxy(proxy_url)
        self._urls: dict[str, httpx.URL] = {}
        session = aiohttp.ClientSession(
            connector=self.connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )
        # The transport alone, without httpx's client around it: of what the client would add,
        # cookies, redirects, netrc and a log line with the URL are just what must not happen.
        self._transport = AiohttpTransport(
            client=session, proxy=proxy, verify=_ssl_context(), trust_env=False
        )

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> AbstractAsyncContextManager[Reply]:
        """Send a request and give its answer; leaving the block closes the socket if need be.

        Raises:
            UpstreamError: No HTTP answer came.
            AddressBlockedError: The provider lives at an address we do not call.
        """
        return self._send("POST", url, headers, body)

    def get(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[Reply]:
        """Ask for what lies at an address, as ``post`` does, with nothing sent along.

        Raises:
            UpstreamError: No HTTP answer came.
            AddressBlockedError: The provider lives at an address we do not call.
        """
        return self._send("GET", url, headers, None)

    @asynccontextmanager
    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> AsyncIterator[Reply]:
        if self._proxy_authorization and url.startswith("http:"):
            headers = {**headers, "Proxy-Authorization": self._proxy_authorization}
        try:
            request = httpx.Request(method, self._url(url), headers=headers, content=body)
            response = await self._transport.handle_async_request(request)
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as fault:
            raise _named(fault) from None
        try:
            yield Reply(response)
        finally:
            await response.aclose()

    def _url(self, url: str) -> httpx.URL:
        """Return the parsed URL; there are as many as models, so each is parsed once."""
        known = self._urls.get(url)
        if known is None:
            known = self._urls[url] = httpx.URL(url)
        return known

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


def _named(fault: Exception) -> UpstreamError:
    """Return the typed error for a fault, by its cause rather than by its wrapping."""
    is_raw = isinstance(fault, aiohttp.ClientError)
    cause = fault if is_raw else fault.__cause__ or fault
    return next(error(detail) for kind, error, detail in _BEFORE_ANSWER if isinstance(cause, kind))


def _proxy(proxy_url: Secret | None) -> tuple[httpx.Proxy | None, str]:
    """Return the proxy and the header value that opens it."""
    if proxy_url is None:
        return None, ""
    url = httpx.URL(proxy_url.reveal())
    bare = url.copy_with(username=None, password=None)
    if not url.userinfo:
        return httpx.Proxy(bare), ""
    user, password = unquote(url.username), unquote(url.password)
    authorization = aiohttp.encode_basic_auth(user, password)
    return httpx.Proxy(bare, headers={"Proxy-Authorization": authorization}), authorization


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
