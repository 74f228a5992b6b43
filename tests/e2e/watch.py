"""What no page of ours may ever do: complain, break its policy, call a stranger."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

COMPLAINTS = frozenset({"assert", "error", "warning"})
# Chromium reports a violation to the console too, but not every kind of it.
POLICY_SCRIPT = """
addEventListener("securitypolicyviolation", (event) => console.error(
  `Policy broken: ${event.effectiveDirective} by ${event.blockedURI || event.sample}`));
"""


class Watch:
    """Notes the misdeeds of every page of the contexts it was given.

    Args:
        origins: Who may be called: scheme, host and port. The same hosts' websockets may be too.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        self._hosts = {urlsplit(origin).netloc for origin in origins}
        self._allowed: list[re.Pattern[str]] = []
        self._noted: list[str] = []

    def attach(self, context: BrowserContext) -> None:
        """Watch a context from its first page on."""
        context.add_init_script(POLICY_SCRIPT)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("page", self._page)

    def welcome(self, origin: str) -> None:
        """Let pages call one more origin."""
        self._hosts.add(urlsplit(origin).netloc)

    def allow(self, pattern: str) -> None:
        """Expect complaints of this kind in this test: it provokes them."""
        self._allowed.append(re.compile(pattern))

    @property
    def noted(self) -> list[str]:
        """Every misdeed, also those that were expected."""
        return list(self._noted)

    @property
    def complaints(self) -> list[str]:
        """Every misdeed that nobody expected."""
        return [line for line in self._noted if not self._is_allowed(line)]

    def _is_allowed(self, line: str) -> bool:
        return any(pattern.search(line) for pattern in self._allowed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in COMPLAINTS:
            self._noted.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _error(self, error: WebError) -> None:
        self._noted.append(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        self._call(request.url)

    def _page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._call(socket.url))

    def _call(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc and parts.netloc not in self._hosts:
            self._noted.append(f"called a stranger: {url}")
