"""A provider that does what the test says, on a real socket."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, TypeAlias

from gateway.engine.config import KeyConfig, ProviderConfig, Secret
from gateway.engine.types import ChatMessage, ChatRequest, Role, Target
from gateway.sandbox.faults import Close, Hold, Reset, Script, Send

HERE = Target("here", "model-1")


@dataclass(frozen=True, slots=True)
class Received:
    """A request as the provider read it from the socket."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def key(self) -> str:
        return self.headers["authorization"].removeprefix("Bearer ")


Behaviour: TypeAlias = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Scripted:
    """A server that plays one behaviour after another, the last for ever.

    It counts the connections that are open, so that a test can see whether one leaks.
    """

    behaviours: list[Behaviour]
    url: str = ""
    received: list[Received] = field(default_factory=list)
    open_connections: int = 0
    accepted: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.open_connections += 1
        self.accepted += 1
        try:
            while not writer.is_closing():
                request = await _read_request(reader)
                self.received.append(request)
                step = min(len(self.received), len(self.behaviours)) - 1
                await _unless_closed(self.behaviours[step](request, writer), reader)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open_connections -= 1
            writer.transport.abort()


async def _read_request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {}
    for line in head[1:-2]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(head[0], headers, body)


async def _unless_closed(behaviour: Awaitable[None], reader: asyncio.StreamReader) -> None:
    """Run a behaviour, but stop as soon as the client has gone."""
    acting = asyncio.ensure_future(behaviour)
    gone = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((acting, gone), return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not acting.done():
            raise ConnectionResetError
        await acting
    finally:
        acting.cancel()
        gone.cancel()
        await asyncio.gather(acting, gone, return_exceptions=True)


def provider(url: str, *secrets: str, **changes: object) -> ProviderConfig:
    keys = tuple(
        KeyConfig(id=secret, label=f"label of {secret}", secret=Secret(secret))
        for secret in secrets or ("sandbox-1",)
    )
    settings: dict[str, object] = {"base_url": url, "keys": keys, "allow_private": True}
    return ProviderConfig(name="here", **(settings | changes))  # type: ignore[arg-type]  # tests name real fields


def ask(text: str = "Do you ship to Norway?", **changes: object) -> ChatRequest:
    settings: dict[str, object] = {
        "messages": (ChatMessage(Role.USER, text),),
        "route": (Target("here", "model-1"),),
    }
    return ChatRequest(**(settings | changes))  # type: ignore[arg-type]  # tests name real fields


def events(*payloads: object) -> bytes:
    """Return server-sent events with these payloads, strings as they are."""
    return b"".join(
        b"data: " + (text if isinstance(text, str) else json.dumps(text)).encode() + b"\n\n"
        for text in payloads
    )


def word(text: str) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


STOP: dict[str, object] = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE: dict[str, object] = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
GOOD_STREAM = events(word("We "), word("ship "), word("there."), STOP, USAGE, "[DONE]")
GOOD_WHOLE = json.dumps(
    {
        "choices": [{"message": {"content": "We ship there."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }
).encode()


def answers(body: bytes, status: str = "200 OK", headers: str = "") -> Behaviour:
    """Return a behaviour that answers with a body of known length."""

    async def behave(_: Received, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return behave


def streams(*pieces: bytes, then: float | None = 0.0) -> Behaviour:
    """Return a behaviour that sends chunks of a body, and ends it properly.

    Args:
        pieces: Of the body, a chunk each.
        then: Seconds between pieces; None leaves the body open after the last.
    """

    async def behave(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for piece in pieces:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(then or 0.0)
        if then is None:
            await asyncio.Event().wait()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    return behave


good_stream = streams(GOOD_STREAM)
good_whole = answers(GOOD_WHOLE)


def plays(script: Script) -> Behaviour:
    """Return a behaviour that plays a fault's script, and then closes unless it said otherwise."""

    async def behave(request: Received, writer: asyncio.StreamWriter) -> None:
        for step in script:
            match step:
                case Send(data, times, pause_seconds):
                    for _ in range(times):
                        writer.write(data)
                        await writer.drain()
                        await asyncio.sleep(pause_seconds)
                case Hold():
                    await asyncio.Event().wait()
                case Reset():
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, linger)
                    writer.transport.abort()
                case Close():
                    writer.close()

    return behave
