"""One request and its answer: what the pump's task does.

Clocks: name look-up to TLS is the connector's; from sending to the model's first sign, from sign to
sign, and from the finish reason to the end of the body are kept here; the deadline is the pump's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gateway.engine.answers import AnswerReader
from gateway.engine.config import Clocks
from gateway.engine.errors import NotACompletionError, StreamBrokenError, TransientError
from gateway.engine.failures import failure_from_response
from gateway.engine.providers import Dialect
from gateway.engine.pump import Pump
from gateway.engine.types import ChatRequest, Finished, Target, TextDelta
from gateway.engine.wire import Reply, Wire

MAX_ERROR_BYTES: Final = 64 * 1024
MAX_WHOLE_BYTES: Final = 8 * 1024 * 1024
# So much may follow the end marker before a connection is not worth keeping.
_MAX_TAIL_CHUNKS: Final = 16


@dataclass(frozen=True, slots=True)
class Order:
    """What one attempt is to send.

    Args:
        call_id: The same for all attempts of a call.
        deadline: Of the call, on the event loop's clock.
        stream: Whether the answer is wanted word by word.
    """

    request: ChatRequest
    target: Target
    call_id: str
    deadline: float
    stream: bool


@dataclass(slots=True, kw_only=True)
class Exchange:
    """A request ready to be sent, and what came back.

    Args:
        stream: Whether the answer is asked for word by word.
        status: Of the answer, once it is there.
        headers: Of the answer, once it is there.
    """

    wire: Wire
    dialect: Dialect
    clocks: Clocks
    url: str
    request_headers: Mapping[str, str]
    body: bytes
    stream: bool
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    async def run(self, pump: Pump[TextDelta | Finished]) -> None:
        """Send, read, and put every piece of the answer as it comes.

        Raises:
            GatewayError: No complete answer came.
        """
        seconds = self.clocks.first_token if self.stream else self.clocks.plain
        pump.watch.expect(seconds, lambda: TransientError(f"no first token within {seconds:g} s"))
        async with self.wire.post(self.url, self.request_headers, self.body) as reply:
            self.status, self.headers = reply.status, reply.headers
            if not reply.is_success:
                body = await reply.read(MAX_ERROR_BYTES)
                raise failure_from_response(
                    self.dialect, reply.status, reply.headers, body, wall_time=time.time()
                )
            if self.stream:
                await self._read_stream(reply, pump)
            else:
                await self._read_whole(reply, b"", pump)

    async def _read_stream(self, reply: Reply, pump: Pump[TextDelta | Finished]) -> None:
        chunks = reply.chunks()
        reader = AnswerReader(self.dialect)
        head = await _head(chunks)
        match head.lstrip()[:1]:
            case b"<":
                raise NotACompletionError("a web page answered", status=reply.status)
            case b"{" | b"[":
                # An error under HTTP 200, or a server that does not stream.
                await self._read_whole(reply, head, pump)
                return
        await self._read_words(head, chunks, reader, pump)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.clocks.closing):
                await _read_usage(chunks, reader, pump)
        texts, finished = reader.end()
        _put(texts, pump)
        pump.put(finished)
        pump.finish()
        if reader.is_done:
            await self._reach_end(chunks)

    async def _read_words(
        self,
        head: bytes,
        chunks: AsyncIterator[bytes],
        reader: AnswerReader,
        pump: Pump[TextDelta | Finished],
    ) -> None:
        """Read until the finish reason, or the end of the body."""
        idle, watch = self.clocks.idle, pump.watch
        signs = 0
        data = head
        while data:
            _put(reader.feed(data), pump)
            if reader.is_finishing or reader.is_done:
                return
            if reader.signs != signs:
                if not signs:
                    watch.expect(idle, lambda: StreamBrokenError(f"silent for {idle:g} s"))
                signs = reader.signs
                watch.heard(idle)
            if pump.is_full:
                watch.rest()
                await pump.room()
                watch.heard(idle)
            data = await anext(chunks, b"")

    async def _read_whole(
        self, reply: Reply, head: bytes, pump: Pump[TextDelta | Finished]
    ) -> None:
        body = head + await reply.read(MAX_WHOLE_BYTES)
        if len(body) >= MAX_WHOLE_BYTES:
            raise StreamBrokenError(f"the answer is longer than {MAX_WHOLE_BYTES} bytes")
        texts, finished = AnswerReader(self.dialect).whole(body)
        _put(texts, pump)
        pump.put(finished)

    async def _reach_end(self, chunks: AsyncIterator[bytes]) -> None:
        """Read what follows the end marker, so that the connection can serve again."""
        with suppress(TimeoutError, StreamBrokenError):
            async with asyncio.timeout(self.clocks.closing):
                for _ in range(_MAX_TAIL_CHUNKS):
                    if not await anext(chunks, b""):
                        return


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    """Return the body's beginning, up to and with the first piece that is not blank."""
    head = b""
    async for data in chunks:
        head += data
        if not data.isspace():
            break
        head = head[-1:]
    return head


async def _read_usage(
    chunks: AsyncIterator[bytes], reader: AnswerReader, pump: Pump[TextDelta | Finished]
) -> None:
    """Read on after the finish reason: token counts may follow, and the end marker."""
    while not reader.is_done and (data := await anext(chunks, b"")):
        _put(reader.feed(data), pump)


def _put(texts: list[str], pump: Pump[TextDelta | Finished]) -> None:
    if texts:
        pump.put(*map(TextDelta, texts))
