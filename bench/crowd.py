"""Customers who all ask at once, and take the time of every word."""

from __future__ import annotations

import asyncio
import json
import re
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

from bench.upstream import CHUNKS

ANSWER = "".join(f"word{number} " for number in range(CHUNKS))
QUESTION = "Do you ship to Norway?"
PATIENCE_SECONDS = 240.0
CONNECT_AT_ONCE = 50
TAG = re.compile("<[^>]+>")
AGAIN = {"not_saved", "too_many"}  # the protocol has a client send these again


@dataclass(slots=True)
class Turn:
    """A question and its answer: when each frame with words came."""

    asked_at: float
    heard_at: list[float] = field(default_factory=list)
    text: str = ""
    end: str = "complete"

    @property
    def is_whole(self) -> bool:
        """Whether the answer ended well, with every word."""
        return self.end == "complete" and self.text.strip() == ANSWER.strip()

    @property
    def first_seconds(self) -> float:
        """From the question to the first word."""
        return self.heard_at[0] - self.asked_at

    @property
    def gaps(self) -> list[float]:
        """Between one frame and the next, in seconds."""
        return [after - before for before, after in zip(self.heard_at, self.heard_at[1:])]  # noqa: B905 - one is shorter, on purpose


class Customer(ABC):
    """Somebody with a socket."""

    def __init__(self, http: aiohttp.ClientSession, url: str, origin: str) -> None:
        self._http = http
        self._url = url
        self._origin = origin
        self._socket: aiohttp.ClientWebSocketResponse

    async def connect(self) -> None:
        """Open the socket and do what comes before a question."""
        origin = self._origin or None
        self._socket = await self._http.ws_connect(self._url, origin=origin, max_msg_size=0)

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()

    @abstractmethod
    async def ask(self) -> Turn:
        """Ask, and listen until all is said."""

    async def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self._socket.receive_str())
        return message


class RelayCustomer(Customer):
    """A customer of the bare relay."""

    async def ask(self) -> Turn:
        """Ask, and listen until all is said."""
        turn = Turn(time.monotonic())
        await self._socket.send_str(json.dumps({"text": QUESTION}))
        while "done" not in (frame := await self._receive()):
            turn.heard_at.append(time.monotonic())
            turn.text += frame["text"]
        return turn


class SiteCustomer(Customer):
    """A customer of the site."""

    async def connect(self) -> None:
        """Say hello."""
        await super().connect()
        hello = {"type": "hello", "protocol": 1, "token": None, "conversation": "new"}
        await self._socket.send_str(json.dumps(hello | {"revision": 0, "cursor": None}))
        welcome = await self._receive()
        if welcome["type"] != "welcome":
            raise RuntimeError(f"The site said {welcome}.")

    async def ask(self) -> Turn:
        """Ask, and listen until the answer is complete."""
        turn = Turn(time.monotonic())
        send = {"type": "send", "id": str(uuid4()), "text": QUESTION}
        await self._socket.send_str(json.dumps(send))
        while True:
            frame = await self._receive()
            match frame["type"]:
                case "reply.delta":
                    turn.heard_at.append(time.monotonic())
                case "reply.snapshot" if frame["text"]:
                    turn.heard_at.append(time.monotonic())
                case "changed" if "html" in (reply := frame["messages"][-1]):
                    turn.end = reply["status"]
                    if not turn.heard_at:  # it was over before this socket could follow it
                        turn.heard_at.append(time.monotonic())
                    turn.text = TAG.sub("", reply["html"])
                    return turn
                case "error" if frame["code"] in AGAIN:
                    await asyncio.sleep(frame["retry_after"])
                    await self._socket.send_str(json.dumps(send))
                case "error":
                    raise RuntimeError(f"The site said {frame}.")


class ChainlitCustomer(Customer):
    """A customer of Chainlit, which speaks Socket.IO 5 over Engine.IO 4.

    https://socket.io/docs/v4/socket-io-protocol/: ``40`` connects, ``42`` carries an event, and
    ``2`` asks whether we are there.
    """

    async def connect(self) -> None:
        """Begin a session."""
        await super().connect()
        await self._socket.receive_str()  # what the server says of itself
        session = {"sessionId": str(uuid4()), "clientType": "webapp", "userEnv": "{}"}
        await self._socket.send_str(f"40{json.dumps(session)}")
        await self._socket.receive_str()
        await self._emit("connection_successful")
        while (await self._event())[0] != "clear_call_fn":
            pass

    async def ask(self) -> Turn:
        """Ask, and listen until the task is over."""
        turn = Turn(time.monotonic())
        message = {"id": str(uuid4()), "type": "user_message", "name": "user"}
        message |= {"output": QUESTION, "createdAt": "2026-01-01T00:00:00.000Z"}
        await self._emit("client_message", {"message": message, "fileReferences": []})
        while True:
            match await self._event():
                case ["stream_start", {"output": word}] | ["stream_token", {"token": word}]:
                    turn.heard_at.append(time.monotonic())
                    turn.text += word
                case ["task_end", *_]:
                    return turn

    async def _emit(self, name: str, *arguments: Any) -> None:
        await self._socket.send_str(f"42{json.dumps([name, *arguments])}")

    async def _event(self) -> list[Any]:
        while not (packet := await self._socket.receive_str()).startswith("42"):
            if packet == "2":
                await self._socket.send_str("3")
        event: list[Any] = json.loads(packet[2:])
        return event


def crowd_http() -> aiohttp.ClientSession:
    """Return what opens as many sockets as are asked for: usually aiohttp stops at a hundred."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


async def connect_all(customers: Sequence[Customer]) -> None:
    """Open every socket, some at a time."""
    gate = asyncio.Semaphore(CONNECT_AT_ONCE)

    async def connect(customer: Customer) -> None:
        async with gate:
            await customer.connect()

    await asyncio.gather(*map(connect, customers))


async def ask_all(customers: Sequence[Customer]) -> list[Turn]:
    """Ask at once and return every turn.

    Raises:
        RuntimeError: Words of an answer are missing.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        turns = await asyncio.gather(*(customer.ask() for customer in customers))
    broken = Counter(
        f"{turn.end}, {len(turn.text)} characters" for turn in turns if not turn.is_whole
    )
    if broken:
        raise RuntimeError(f"Not every answer is whole: {broken}.")
    return turns
