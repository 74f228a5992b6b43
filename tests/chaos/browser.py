"""A customer's browser over a real socket: it sends until acknowledged and always comes back."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp

from tests.chaos.history import History
from tests.chaos.transcript import GapError, Transcript

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a widget is served, and the origin its pages have."""

    host: str
    port: int
    origin: str
    public_key: str

    @property
    def url(self) -> str:
        """The websocket's address."""
        return f"ws://{self.host}:{self.port}/ws/chat/{self.public_key}/"


class Browser:
    """Sends, resends, reconnects and resumes as the protocol asks of a client.

    Args:
        name: Who it is, in the history.
        address: Where it connects.
        history: Where it notes what it does.
        rng: The scenario's randomness.
        patience_seconds: After how much silence it pings, and after as much again it gives up.
    """

    def __init__(
        self,
        name: str,
        address: Address,
        history: History,
        rng: random.Random,
        *,
        patience_seconds: float = 10.0,
    ) -> None:
        self.name = name
        self.address = address
        self.transcript = Transcript()
        self.outbox: dict[str, str] = {}
        self.unanswered: set[str] = set()
        self.refused: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.closes: list[int | None] = []
        self.faults: list[str] = []
        self.gaps: list[str] = []
        self.frames: list[dict[str, Any]] = []
        self.is_welcome = False
        self._history = history
        self._rng = rng
        self.patience_seconds = patience_seconds
        self._waiters: list[asyncio.Future[None]] = []
        self._resends: set[asyncio.Task[None]] = set()
        self._http = aiohttp.ClientSession()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._life: asyncio.Task[None] | None = None

    # --- What a customer does -----------------------------------------------------------

    def open(self) -> None:
        """Open the page."""
        self._life = asyncio.create_task(self._live(), name=self.name)

    async def close(self) -> None:
        """Close the page; what it knew stays readable."""
        tasks = [task for task in (self._life, *self._resends) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._life = None
        await self._http.close()

    async def leave(self) -> None:
        """Lose the network until ``open``."""
        if self._life:
            self._life.cancel()
            await asyncio.wait([self._life])
        self._life = None

    async def reload(self) -> None:
        """Load the page anew: all it keeps is its token and what was not acknowledged."""
        await self.leave()
        token = self.transcript.token
        self.transcript = Transcript()
        self.transcript.token = token
        self.open()

    async def say(self, text: str, message_id: str | None = None) -> str:
        """Send a message, now and until it is acknowledged; return its id."""
        message_id = message_id or str(UUID(int=self._rng.getrandbits(128), version=4))
        self.outbox[message_id] = text
        self.unanswered.add(message_id)
        self._history.sent(self.name, message_id, text)
        await self._send(message_id)
        return message_id

    async def tell(self, **frame: Any) -> None:
        """Send a frame, if there is a socket to send it on."""
        if self._socket and not self._socket.closed:
            try:
                await self._socket.send_str(json.dumps(frame))
            except ConnectionError:
                self.is_welcome = False

    async def stop(self, position: int) -> None:
        """Press the stop button."""
        await self.tell(type="stop", position=position)

    # --- What a test asks of it ---------------------------------------------------------

    async def until(self, holds: Callable[[], Any], seconds: float = 30.0) -> None:
        """Return as soon as something holds that frames change.

        Raises:
            AssertionError: It did not come to hold in time.
        """
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.append(waiter)
                    await waiter
        except TimeoutError:
            raise AssertionError(f"{self.name} waited in vain: {self}") from None

    async def welcomed(self, seconds: float = 60.0) -> None:
        """Return when it has a socket and was welcomed on it."""
        await self.until(lambda: self.is_welcome, seconds)

    async def acknowledged(self, seconds: float = 30.0) -> None:
        """Return when everything it sent is acknowledged."""
        await self.until(lambda: not self.outbox, seconds)

    async def told_of(self, position: int) -> None:
        """Return when it was told of a message."""
        await self.until(lambda: position in self.transcript.messages)

    def heard(self, position: int) -> int:
        """Return how much it heard of a running reply, in UTF-16 units."""
        words = self.transcript.words.get(position)
        return words.offset if words else 0

    async def answered(self, message_id: str, seconds: float = 30.0) -> dict[str, Any]:
        """Return the reply to a message when it has ended."""
        await self.until(lambda: self._is_answered(message_id), seconds)
        position = self.transcript.reply_to(message_id)
        assert position is not None
        return self.transcript.messages[position]

    def is_at_rest(self) -> bool:
        """Tell whether everything is acknowledged and answered."""
        messages = self.transcript.messages
        replies = [place for place in messages if messages[place]["author"] == "assistant"]
        return not self.unanswered and all(map(self.transcript.is_final, replies))

    def __repr__(self) -> str:
        replies = {
            place: message.get("status") or message.get("id")
            for place, message in self.transcript.messages.items()
        }
        return (
            f"{self.name}: {replies}, unacknowledged {list(self.outbox)}, "
            f"unanswered {self.unanswered}, closes {self.closes}, faults {self.faults}, "
            f"errors {self.errors}, gaps {self.gaps}, welcome {self.is_welcome}"
        )

    # --- What the widget's script does --------------------------------------------------

    async def _live(self) -> None:
        wait_seconds = FIRST_WAIT_SECONDS
        while True:
            revision = self.transcript.revision
            try:
                async with self._http.ws_connect(
                    self.address.url, origin=self.address.origin, max_msg_size=0, timeout=_CLOSING
                ) as socket:
                    self._socket = socket
                    await self._converse(socket)
            except (aiohttp.ClientError, OSError, TimeoutError) as fault:
                self.closes.append(None)
                self.faults.append(repr(fault))
            except GapError as gap:
                self.gaps.append(str(gap))
            else:
                self.closes.append(socket.close_code)
            finally:
                self._socket, self.is_welcome = None, False
            self._wake()
            if self.transcript.revision > revision:
                wait_seconds = FIRST_WAIT_SECONDS
            await asyncio.sleep(self._rng.uniform(0, wait_seconds))
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_str(json.dumps(self.transcript.hello()))
        is_worried = False
        while True:
            try:
                message = await socket.receive(timeout=self.patience_seconds)
            except TimeoutError:
                if is_worried:
                    raise
                is_worried = True
                await self.tell(type="ping")
                continue
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            is_worried = False
            await self._take(json.loads(message.data))
            self.unanswered = {mine for mine in self.unanswered if not self._is_answered(mine)}
            self._wake()

    async def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        self.transcript.apply(frame)
        match frame["type"]:
            case "welcome":
                self.is_welcome = True
                for message_id in tuple(self.outbox):
                    await self._send(message_id)
            case "accepted":
                self.outbox.pop(frame["id"], None)
                self._history.accepted(frame["id"], frame["conversation"], frame["position"])
            case "error":
                self._refuse(frame)

    def _refuse(self, frame: dict[str, Any]) -> None:
        self.errors.append(frame)
        message_id = frame.get("id")
        if message_id is None:
            return
        if frame["code"] not in {"not_saved", "too_many"}:
            self.outbox.pop(message_id, None)
            self.unanswered.discard(message_id)
            self.refused.append(frame)
            return
        again = asyncio.create_task(self._resend(message_id, frame["retry_after"]))
        self._resends.add(again)
        again.add_done_callback(self._resends.discard)

    async def _resend(self, message_id: str, wait_seconds: float) -> None:
        await asyncio.sleep(wait_seconds)
        await self._send(message_id)

    async def _send(self, message_id: str) -> None:
        if self.is_welcome and message_id in self.outbox:
            await self.tell(type="send", id=message_id, text=self.outbox[message_id])

    def _is_answered(self, message_id: str) -> bool:
        position = self.transcript.reply_to(message_id)
        return position is not None and self.transcript.is_final(position)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


_CLOSING = aiohttp.ClientWSTimeout(ws_close=1.0)
