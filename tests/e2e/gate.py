"""Holds back what the site says over a page's sockets, while a test looks at the page."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocketRoute


class Gate:
    """Open at first; what comes while it is closed is passed on, in order, when it opens."""

    def __init__(self, page: Page) -> None:
        self._is_open = True
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket("**", self._pass_through)

    def close(self) -> None:
        """Hold back whatever the site says from now on."""
        self._is_open = False

    def open(self) -> None:
        """Let the page hear it."""
        self._is_open = True
        for socket, message in self._held:
            socket.send(message)
        self._held.clear()

    def _pass_through(self, socket: WebSocketRoute) -> None:
        def hear(message: str | bytes) -> None:
            if self._is_open:
                socket.send(message)
            else:
                self._held.append((socket, message))

        socket.connect_to_server().on_message(hear)
