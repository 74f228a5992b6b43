"""The socket of one chat: frames in, frames out, and every fault told by its code."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.utils import translation

from conversations.chat.limits import FrameRate, address_of, turnstile
from conversations.chat.protocol import Command, Frame, Send, error_frame, frame_read, frame_write
from conversations.chat.runs import runs
from conversations.chat.session import NOT_SAVED_RETRY_SECONDS, Session
from conversations.chat.writer import SocketWriter
from conversations.errors import (
    ConversationError,
    IdentityExpiredError,
    IdentityInvalidError,
    IdentityNotYetValidError,
    IdentityRequiredError,
    InvalidTokenError,
    NotSavedError,
    TooManySocketsError,
    UnknownWidgetError,
    UnsupportedProtocolError,
)

logger = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
READ_SECONDS = 30.0

UNVERIFIED = (
    IdentityExpiredError,
    IdentityInvalidError,
    IdentityNotYetValidError,
    IdentityRequiredError,
)
# Errors after which nothing more can be said, with the code that the socket closes with.
CLOSING: Mapping[type[ConversationError], int] = {
    UnsupportedProtocolError: 4400,
    InvalidTokenError: 4401,
    **dict.fromkeys(UNVERIFIED, 4403),
    UnknownWidgetError: 4404,
    TooManySocketsError: 4429,
}
CLOSE_SILENT = 4408


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels is untyped
    """Accepts at once, so that whatever is wrong can be said in a frame."""

    channel_layer_alias = ""  # none: sockets hear through their process, see docs/architecture.md

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """Hand on what the server says.

        Channels would first close old database connections, on a thread, for every frame; a
        consumer holds none, because all its work with the database goes through ``db()``.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        """Accept, and give the client some seconds to say who it is."""
        await self.accept()
        address = address_of(self.scope.get("client"))
        self.frame_rate = FrameRate()
        self.writer = SocketWriter(self._write, runs().stream_log, runs().pokes)
        self.session = Session(
            self.scope["url_route"]["kwargs"]["public_key"], self.writer, address
        )
        self.tasks: list[asyncio.Task[None]] = []
        self.leave: Callable[[], None] = lambda: None
        try:
            self.leave = await turnstile.socket_admit(address)
        except ConversationError as error:
            await self._refuse(error, None)
            return
        self.tasks = [
            asyncio.create_task(self._write_until_gone()),
            asyncio.create_task(self._close_in_time()),
        ]

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 — Channels passes it
        """Leave; replies go on without us."""
        self.leave()
        self.session.leave()
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)

    async def receive(self, text_data: str = "", bytes_data: bytes = b"") -> None:  # noqa: ARG002
        """Do what a frame asks, or say what is wrong with it; a frame of bytes is not JSON."""
        command: Command | None = None
        try:
            await self.writer.room()
            self.frame_rate.admit()
            command = frame_read(text_data)
            await self.session.obey(command)
        except ConversationError as error:
            await self._refuse(error, command)
        except DatabaseError:
            logger.warning("the database did not take a frame", exc_info=True)
            await self._refuse(NotSavedError(retry_after=NOT_SAVED_RETRY_SECONDS), command)
        except Exception:
            logger.exception("a frame failed by a fault of ours")
            await self._refuse(ConversationError(), command)

    async def _refuse(self, error: ConversationError, command: Command | None) -> None:
        with translation.override(self.writer.locale or None):
            frame = error_frame(error, command.id if isinstance(command, Send) else None)
        code = CLOSING.get(type(error))
        if code is None:
            self.writer.say(frame)
        else:
            await self._write(frame)
            await self.close(code)

    async def _write_until_gone(self) -> None:
        try:
            await self.writer.run()
        except TimeoutError:
            await self.close(CLOSE_SILENT)
        except Exception:
            logger.exception("a socket's writer fell over; the client comes back")
            await self.close()

    async def _close_in_time(self) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                await self.session.is_admitted.wait()
        except TimeoutError:
            await self.close(CLOSE_SILENT)
        else:
            await self._refuse(await self.session.end(), None)

    async def _write(self, frame: Frame) -> None:
        # The server lets us wait while the client's buffers are full.
        async with asyncio.timeout(READ_SECONDS):
            await self.send(text_data=frame_write(frame))
