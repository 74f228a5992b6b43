"""Backpressure for one connection, which daphne lacks in both directions.

Out: the transport tells the gate when its buffer is full (64 KiB) and when it is empty again,
and whoever sends waits at the gate. In: a websocket's frames wait in an inbox; when it is full,
or when the client takes nothing, the socket is no longer read, and TCP makes the client wait.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

INBOX_FRAMES = 16  # of 64 KiB each at most: 1 MiB for each socket


class Transport(Protocol):
    """What of Twisted's transport is needed here."""

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Stop reading."""

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Read again."""


@implementer(IPushProducer)
class Gate:
    """Closed while the transport holds more than it should; then ``passed`` waits."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    @property
    def is_open(self) -> bool:
        """Whether the transport takes more."""
        return self._open.is_set()

    async def passed(self) -> None:
        """Return once the transport takes more, or is gone."""
        await self._open.wait()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Close: the transport's buffer is full."""
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Open: the buffer is empty."""
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Open for good: the connection is gone, and nobody shall wait for it."""
        self._open.set()


class SocketGate(Gate):
    """A websocket's gate, which holds up its client too.

    A client that takes nothing is not read either: its pings would be answered into a buffer
    without bounds. So is a client that sends faster than the application takes.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self.transport = transport
        self.inbox = Inbox(self)
        self._is_reading = True
        self._is_gone = False

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Close, and stop reading."""
        super().pauseProducing()
        self.reading_adjust()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Open, and read on."""
        super().resumeProducing()
        self.reading_adjust()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Open for good, and leave the transport alone."""
        super().stopProducing()
        self._is_gone = True

    def reading_adjust(self) -> None:
        """Read the socket while the gate is open and the inbox has room."""
        if self._is_gone:
            return
        should_read = self.is_open and self.inbox.qsize() < INBOX_FRAMES
        if should_read == self._is_reading:
            return
        self._is_reading = should_read
        if should_read:
            self.transport.resumeProducing()
        else:
            self.transport.pauseProducing()


class Inbox(asyncio.Queue[dict[str, Any]]):
    """What the client sent and the application has not taken yet.

    It never refuses: daphne puts whole frames in, and the few that one read of the socket
    brought must all fit.
    """

    def __init__(self, gate: SocketGate) -> None:
        super().__init__()
        self.gate = gate

    def put_nowait(self, item: dict[str, Any]) -> None:
        """Add a message, and stop reading the socket when there are many."""
        super().put_nowait(item)
        self.gate.reading_adjust()

    def get_nowait(self) -> dict[str, Any]:
        """Take a message, and read on when there is room again."""
        item = super().get_nowait()
        self.gate.reading_adjust()
        return item
