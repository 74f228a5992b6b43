"""A provider that costs as little as possible: canned answers from a bare asyncio protocol.

Streamed answers are a hundred writes, at once or, where the URL begins with ``/paced``, a tick
apart, so that every chunk is a read of its own at the client.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Final, cast

CHUNKS: Final = 100
TICK_SECONDS: Final = float(os.environ.get("BENCH_TICK_SECONDS", "0.005"))
HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
BASE: Final = {"id": "chatcmpl-1", "created": 1, "model": "bench-1", "system_fingerprint": None}


def _event(payload: object) -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    data = b"data: " + text.encode() + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def _word(delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return _event({**BASE, "object": "chat.completion.chunk", "choices": [choice]})


USAGE: Final = {"prompt_tokens": 20, "completion_tokens": CHUNKS, "total_tokens": CHUNKS + 20}
PIECES: Final = (
    *(_word({"content": f"word{number} "}) for number in range(CHUNKS)),
    _word({}, "stop")
    + _event({**BASE, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
    + _event("[DONE]")
    + b"0\r\n\r\n",
)
_WHOLE: Final = json.dumps(
    {
        **BASE,
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "word " * CHUNKS},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }
).encode()
WHOLE: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
    % (len(_WHOLE), _WHOLE)
)


class Connection(asyncio.Protocol):
    """Reads requests, answers them."""

    speaking: Final[dict[Connection, int]] = {}

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Stop speaking."""
        self.speaking.pop(self, None)

    def data_received(self, data: bytes) -> None:
        """Answer once the whole request is here."""
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
        if not separator or len(body) < int(length or 0):
            return
        self._buffer = b""
        if b'"stream":true' in body.replace(b" ", b""):
            self._transport.write(HEAD)
            if head.startswith(b"POST /paced"):
                self.speaking[self] = 0
            else:
                for piece in PIECES:
                    self._transport.write(piece)
        else:
            self._transport.write(WHOLE)

    def speak(self, place: int) -> None:
        """Send the next piece of a stream."""
        self._transport.write(PIECES[place])
        if place + 1 < len(PIECES):
            self.speaking[self] = place + 1
        else:
            del self.speaking[self]


async def main() -> None:
    """Serve until killed; the port is printed first."""
    server = await asyncio.get_running_loop().create_server(
        Connection, "127.0.0.1", 0, backlog=2048
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for connection, place in list(Connection.speaking.items()):
            connection.speak(place)


if __name__ == "__main__":
    asyncio.run(main())
