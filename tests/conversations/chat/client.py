"""A client of the chat, written from ``docs/protocol.md`` alone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from conversations.chat.routing import websocket_urlpatterns

PATIENCE_SECONDS = 20.0
APPLICATION = URLRouter(websocket_urlpatterns)
QUESTION = "When do you open?"


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class Client:
    """Keeps what the site tells, as a widget would, and fails on any frame that does not fit."""

    def __init__(self, public_key: str) -> None:
        self.path = f"/ws/chat/{public_key}/"
        self.token: str | None = None
        self.conversation: str | None = None
        self.revision = 0
        self.messages: dict[int, dict[str, Any]] = {}
        self.words: dict[int, dict[str, Any]] = {}
        self.frames: list[dict[str, Any]] = []
        self.socket: WebsocketCommunicator

    async def connect(self, **hello: Any) -> dict[str, Any]:
        """Open a socket, say hello, and return the first frame of the answer."""
        await self.open()
        await self.hello(**hello)
        return await self.receive()

    async def open(self) -> None:
        self.socket = WebsocketCommunicator(APPLICATION, self.path)
        is_accepted, _ = await self.socket.connect(timeout=PATIENCE_SECONDS)
        assert is_accepted

    async def hello(self, **fields: Any) -> None:
        await self.tell(
            {
                "type": "hello",
                "protocol": 1,
                "token": self.token,
                "conversation": self.conversation or "latest",
                "revision": self.revision,
                "cursor": self.cursor(),
                **fields,
            }
        )

    def cursor(self) -> list[int] | None:
        for position, said in self.words.items():
            if self.messages.get(position, {}).get("status") == "running":
                return [position, said["attempt"], said["offset"]]
        return None

    async def tell(self, frame: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(frame))

    async def send(self, text: str, message_id: str | None = None) -> str:
        message_id = message_id or str(uuid4())
        await self.tell({"type": "send", "id": message_id, "text": text})
        return message_id

    async def receive(self) -> dict[str, Any]:
        """Take the next frame in, and return it."""
        frame: dict[str, Any] = json.loads(await self.socket.receive_from(PATIENCE_SECONDS))
        self.frames.append(frame)
        self._apply(frame)
        return frame

    async def until(self, is_it: Callable[[dict[str, Any]], bool] | str) -> dict[str, Any]:
        """Receive until a frame of a type, or one that fits, has come; return it."""
        while True:
            frame = await self.receive()
            if frame["type"] == is_it if isinstance(is_it, str) else is_it(frame):
                return frame

    async def until_status(self, position: int, *statuses: str) -> dict[str, Any]:
        """Receive until the reply at a position has one of these statuses; return it."""
        while self.messages.get(position, {}).get("status") not in statuses:
            await self.receive()
        return self.messages[position]

    async def leave(self) -> None:
        await self.socket.disconnect(timeout=PATIENCE_SECONDS)

    def _apply(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.token, self.conversation = frame["token"], frame["conversation"]
                if frame["reset"]:
                    self.messages.clear()
                    self.words.clear()
                self._upsert(frame)
            case "accepted":
                self.conversation = frame["conversation"]
            case "changed":
                assert frame["revision"] > self.revision
                self._upsert(frame)
            case "reply.snapshot":
                self.words[frame["position"]] = {
                    "attempt": frame["attempt"],
                    "offset": frame["offset"],
                    "html": [block["html"] for block in frame["blocks"]],
                    "block_end": frame["blocks"][-1]["end"] if frame["blocks"] else 0,
                    "rest": frame["text"],
                }
            case "reply.delta":
                self._hear(self.words[frame["position"]], frame)

    def _upsert(self, frame: dict[str, Any]) -> None:
        self.revision = max(self.revision, frame["revision"])
        for message in frame["messages"]:
            self.messages[message["position"]] = message

    def _hear(self, said: dict[str, Any], frame: dict[str, Any]) -> None:
        assert (said["attempt"], said["offset"]) == (frame["attempt"], frame["offset"])
        said["offset"] += utf16(frame["text"])
        said["rest"] += frame["text"]
        for block in frame["blocks"]:
            units = said["rest"].encode("utf-16-le")
            said["rest"] = units[2 * (block["end"] - said["block_end"]) :].decode("utf-16-le")
            said["block_end"] = block["end"]
            said["html"].append(block["html"])


Connect = Callable[..., Awaitable[Client]]


async def said(client: Client) -> None:
    await client.send(QUESTION)
    await client.until_status(2, "complete")


def first(client: Client) -> dict[str, Any]:
    return client.frames[0]


async def closed(client: Client) -> int:
    """Return the code with which the site has closed the socket."""
    code: int = (await client.socket.receive_output(20))["code"]
    return code
