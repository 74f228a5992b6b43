"""daphne's websocket without the habits of autobahn's that would cost a chat its words."""

from __future__ import annotations

from typing import Any

from daphne import server as _daphne_server  # noqa: F401 - first: it installs the reactor
from daphne.ws_protocol import WebSocketProtocol

from chatsite.frames import frame_make, write_at_once


class SiteWebSocket(WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    """Bounds what comes in, and lets out whatever the site has to say."""

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: FBT001, FBT002, N802 - daphne's signature
        """Send a message as one frame; into a socket that is closing, nothing.

        autobahn would raise in a closing socket, which is no fault of whoever speaks into it,
        and it holds our own frames to the limit that is meant for the client's: a conversation
        with more than 64 KiB to show could never be opened again.
        """
        if self.state == self.STATE_CONNECTING:
            self.serverAccept()
        if self.state == self.STATE_OPEN:
            payload = content if binary else content.encode()
            write_at_once(self.transport, frame_make(payload, is_binary=binary))

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:  # noqa: N802, N803, FBT001 - autobahn's signature
        """Tell the application, if there is one: a handshake may fail before it begins."""
        if hasattr(self, "server"):
            super().onClose(wasClean, code, reason)
