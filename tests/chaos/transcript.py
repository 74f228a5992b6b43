"""What a browser knows of its chat: frames in, state out, from ``docs/protocol.md`` alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

FINAL = frozenset({"complete", "stopped", "interrupted", "failed"})


class GapError(Exception):
    """Something was missed: the client must say hello again on a new socket."""


def utf16(text: str) -> int:
    """Return how long JavaScript finds the text."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(slots=True)
class Words:
    """What was heard of a running reply; ``raw`` is unknown once a snapshot gave HTML instead."""

    attempt: int
    offset: int
    raw: str | None
    html: list[str] = field(default_factory=list)
    block_end: int = 0
    rest: str = ""


class Transcript:
    """A conversation as one client has been told of it."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.conversation: str | None = None
        self.revision = 0
        self.messages: dict[int, dict[str, Any]] = {}
        self.words: dict[int, Words] = {}

    def hello(self) -> dict[str, Any]:
        """Return the frame that asks for what this client does not know yet."""
        return {
            "type": "hello",
            "protocol": 1,
            "token": self.token,
            "conversation": self.conversation or "latest",
            "revision": self.revision,
            "cursor": self._cursor(),
            "locale": "en",
            "page": "http://127.0.0.1/returns",
        }

    def apply(self, frame: dict[str, Any]) -> None:
        """Learn what a frame says.

        Raises:
            GapError: It does not fit what is known.
        """
        match frame["type"]:
            case "welcome":
                self.token, self.conversation = frame["token"], frame["conversation"]
                if frame["reset"]:
                    self.messages.clear()
                    self.words.clear()
                    self.revision = 0
                self._learn(frame)
            case "accepted":
                self.conversation = frame["conversation"]
            case "changed":
                self._learn(frame)
            case "history":
                self.messages |= {old["position"]: old for old in frame["messages"]}
            case "reply.snapshot":
                self._restart(frame)
            case "reply.delta":
                self._hear(frame)

    def is_final(self, position: int) -> bool:
        """Tell whether the reply there has ended."""
        return self.messages.get(position, {}).get("status") in FINAL

    def reply_to(self, message_id: str) -> int | None:
        """Return the position of the reply to a message of ours, once both are known."""
        for position, message in self.messages.items():
            if message.get("id") == message_id:
                return position + 1 if position + 1 in self.messages else None
        return None

    def digest(self) -> str:
        """Return a hash of all that a customer sees."""
        seen = [
            [position, *(message.get(name) for name in ("author", "text", "html", "status"))]
            for position, message in sorted(self.messages.items())
        ]
        return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()

    def _cursor(self) -> list[int] | None:
        for position, words in self.words.items():
            if self.messages.get(position, {}).get("status") == "running":
                return [position, words.attempt, words.offset]
        return None

    def _learn(self, frame: dict[str, Any]) -> None:
        self.revision = max(self.revision, frame["revision"])
        for message in frame["messages"]:
            self.messages[message["position"]] = message
        if self.messages:
            first, last = min(self.messages), max(self.messages)
            if last - first + 1 != len(self.messages):
                raise GapError(f"positions {sorted(self.messages)}")

    def _restart(self, frame: dict[str, Any]) -> None:
        blocks = frame["blocks"]
        self.words[frame["position"]] = Words(
            attempt=frame["attempt"],
            offset=frame["offset"],
            raw=None if blocks else frame["text"],
            html=[block["html"] for block in blocks],
            block_end=blocks[-1]["end"] if blocks else 0,
            rest=frame["text"],
        )

    def _hear(self, frame: dict[str, Any]) -> None:
        words = self.words.get(frame["position"])
        if words is None or (words.attempt, words.offset) != (frame["attempt"], frame["offset"]):
            raise GapError(f"{frame['attempt']}:{frame['offset']} does not follow {words}")
        words.offset += utf16(frame["text"])
        words.rest += frame["text"]
        if words.raw is not None:
            words.raw += frame["text"]
        for block in frame["blocks"]:
            units = words.rest.encode("utf-16-le")
            words.rest = units[2 * (block["end"] - words.block_end) :].decode("utf-16-le")
            words.block_end = block["end"]
            words.html.append(block["html"])
