"""A websocket's frames on their way out: made in one step, given to the system at once.

autobahn takes every frame through what it can do besides (fragments, compression, masks, logs),
and Twisted writes only when its reactor comes round again, with two calls to the system to be
asked and not to be asked any more. A chat sends some fifty frames for each answer, so both were
more than half of what sending costs.
"""

from __future__ import annotations

import struct
from typing import Any, Final

from twisted.internet.tcp import Connection

_FINAL: Final = 0x80
_TEXT: Final = 1
_BINARY: Final = 2
# RFC 6455, section 5.2: a length is written in the second byte, or in two or eight bytes behind it.
_SHORT: Final = 125
_MEDIUM: Final = 0xFFFF
_head_short: Final = struct.Struct("!BB").pack
_head_medium: Final = struct.Struct("!BBH").pack
_head_long: Final = struct.Struct("!BBQ").pack


def frame_make(payload: bytes, *, is_binary: bool) -> bytes:
    """Return a message as the one frame that a server sends: final, neither masked nor packed."""
    first, length = _FINAL | (_BINARY if is_binary else _TEXT), len(payload)
    if length <= _SHORT:
        return _head_short(first, length) + payload
    if length <= _MEDIUM:
        return _head_medium(first, 126, length) + payload
    return _head_long(first, 127, length) + payload


def write_at_once(transport: Any, data: bytes) -> None:
    """Write behind everything that was written before; what the system does not take now, waits.

    Only a plain connection with nothing in its buffers can be written past them. All else, a
    connection that is lost included, is the transport's own business.
    """
    if _is_idle(transport):
        sent = transport.writeSomeData(data)
        # The transport meets a fault by itself, and then ends the connection as it should.
        data = data[sent:] if isinstance(sent, int) else data
    if data:
        transport.write(data)


def _is_idle(transport: Any) -> bool:
    # The second buffer is private to Twisted: a test fails when a new version moves it.
    return (
        isinstance(transport, Connection)
        and not transport.TLS
        and bool(transport.connected)
        and not transport.disconnecting
        and not transport.dataBuffer
        and not transport._tempDataBuffer  # noqa: SLF001
    )
