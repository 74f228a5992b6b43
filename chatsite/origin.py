"""One origin for the whole site: who may open its websocket, and where pages are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.deprecation import MiddlewareMixin

Application: TypeAlias = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_loopback(host: str | None) -> bool:
    """Tell whether ``host`` always means this very machine."""
    return host in LOOPBACK


class OriginGuard:
    """Refuses a websocket unless exactly one Origin came with it and it is ours.

    daphne and autobahn let every origin pass, ``null`` and none included, so this is the only
    guard. A refusal before the handshake is a plain 403.
    """

    def __init__(self, application: Application, origin: str) -> None:
        self.application = application
        self.origin = origin.encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the socket on, or refuse it before any consumer is built."""
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        application = self.application if origins == [self.origin] else WebsocketDenier.as_asgi()
        await application(scope, receive, send)


class LoopbackMiddleware(MiddlewareMixin):
    """Leads a page opened under another name of this machine to the site's own origin.

    A demo opened as ``localhost`` would show a chat whose websocket is refused, because the
    site is ``127.0.0.1``. A site with a public name never needs this.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not is_loopback(urlsplit(settings.SITE_URL).hostname):
            raise MiddlewareNotUsed
        super().__init__(get_response)
        self.host = urlsplit(settings.SITE_URL).netloc

    def process_request(self, request: HttpRequest) -> HttpResponseRedirect | None:
        """Redirect what can be asked again; let everything else pass."""
        host = request.get_host()
        is_alias = host != self.host and is_loopback(urlsplit(f"//{host}").hostname)
        if is_alias and request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(f"{settings.SITE_URL}{request.get_full_path()}")
        return None
