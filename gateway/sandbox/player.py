"""Plays a fault's script on the socket of a request, past everything HTTP would forbid."""

from __future__ import annotations

import asyncio
import struct
from socket import SO_LINGER, SOL_SOCKET

from aiohttp import web

from gateway.sandbox.faults import Close, Hold, Reset, Script, Send

# More than this is not put into memory before the caller has read it.
MAX_UNREAD_BYTES = 1024 * 1024
UNREAD_WAIT_SECONDS = 0.01


async def play(script: Script, request: web.Request) -> web.Response:
    """Play a script, and end the connection; the response returned reaches nobody."""
    transport = request.transport
    if transport is not None:
        for step in script:
            match step:
                case Send(data, times, pause_seconds):
                    await _send(transport, data, times, pause_seconds)
                case Hold():
                    await asyncio.Event().wait()
                case Reset():
                    # With this option closing sends RST instead of FIN.
                    socket = transport.get_extra_info("socket")
                    socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                    transport.abort()
                case Close():
                    pass
        transport.close()
    return web.Response()


async def _send(transport: asyncio.Transport, data: bytes, times: int, pause: float) -> None:
    for _ in range(times):
        while transport.get_write_buffer_size() > MAX_UNREAD_BYTES:  # noqa: ASYNC110 - aiohttp keeps the event to itself
            await asyncio.sleep(UNREAD_WAIT_SECONDS)
        if transport.is_closing():
            return
        transport.write(data)
        await asyncio.sleep(pause)
