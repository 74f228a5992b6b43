"""The socket of one chat: reads frames, hands them to services, and never awaits a reply."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any
from uuid import UUID, uuid4

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError
from django.utils import translation

from conversations.chat import selectors, services
from conversations.chat.pokes import conversation_announce, conversation_group
from conversations.chat.protocol import (
    PROTOCOL,
    Command,
    Frame,
    Hello,
    History,
    Ping,
    Retry,
    Send,
    Stop,
    error_frame,
    frame_read,
    frame_write,
)
from conversations.chat.runs import runs
from conversations.chat.services import Visit
from conversations.chat.writer import SocketWriter
from conversations.errors import (
    ConversationError,
    HelloExpectedError,
    InvalidTokenError,
    NotSavedError,
    UnknownReplyError,
    UnknownWidgetError,
    UnsupportedProtocolError,
)
from conversations.identity import visitor_token_make, visitor_token_read
from gateway.db import db

log = logging.getLogger(__name__)

HELLO_SECONDS = 10.0

# Errors after which nothing more can be said, with the code the socket closes with.
CLOSING: dict[type[ConversationError], int] = {
    UnsupportedProtocolError: 4400,
    InvalidTokenError: 4401,
    UnknownWidgetError: 4404,
}
CLOSE_SILENT = 4408


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels is untyped
    """One visitor's socket on one widget."""

    async def connect(self) -> None:
        """Accept at once: what is wrong is said in a frame, with a code that clients know."""
        await self.accept()
        self.visit: Visit | None = None
        self.conversation: UUID | None = None
        self.writer = SocketWriter(self._write, runs().stream_log)
        self.writing = asyncio.create_task(self.writer.run())
        self.hello_timer = asyncio.get_running_loop().call_later(HELLO_SECONDS, self._close_silent)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 — Channels passes it
        """Leave; replies go on without us."""
        self.hello_timer.cancel()
        self.writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.writing
        await self._leave()

    async def receive(self, text_data: str = "", bytes_data: bytes = b"") -> None:  # noqa: ARG002
        """Do what a frame asks, or say what is wrong with it; a frame of bytes is not JSON."""
        command: Command | None = None
        try:
            command = frame_read(text_data)
            await self._obey(command)
        except ConversationError as error:
            await self._refuse(error, command)
        except DatabaseError:
            log.warning("the database did not take a frame", exc_info=True)
            await self._refuse(NotSavedError(retry_after=2.0), command)
        except Exception:
            log.exception("a frame failed by a fault of ours")
            await self._refuse(ConversationError(), command)

    async def conversation_changed(self, event: dict[str, Any]) -> None:  # noqa: ARG002 — as above
        """Look: another process says that the conversation has changed."""
        self.writer.look()

    async def _obey(self, command: Command) -> None:
        match command:
            case Hello() if self.visit is None:
                await self._hello(command)
            case Ping():
                self.writer.say({"type": "pong"})
            case Send() if self.visit:
                await self._send_message(command, self.visit)
            case Stop() if self.visit:
                await self._stop(command)
            case Retry() if self.visit:
                await self._retry(command)
            case History() if self.visit:
                await self._history(command)
            case _:
                raise HelloExpectedError

    async def _hello(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL:
            raise UnsupportedProtocolError
        key = self.scope["url_route"]["kwargs"]["public_key"]
        widget = await db(selectors.widget_get, key)
        visitor = visitor_token_read(hello.token, key) if hello.token else uuid4()
        visit = Visit(widget=widget.pk, visitor=visitor, locale=hello.locale, page=hello.page)
        page = await db(self._page, hello, visit)
        self.hello_timer.cancel()
        self.visit = visit
        self.writer.locale = hello.locale
        self.writer.say(
            {
                "type": "welcome",
                "protocol": PROTOCOL,
                "token": visitor_token_make(visitor, key),
                "conversation": str(page.conversation) if page.conversation else None,
                "revision": page.revision,
                "messages": page.messages,
                "has_older": page.has_older,
                "reset": page.is_reset,
            }
        )
        is_known = page.running and page.running.position == hello.position
        await self._attend(page, hello.cursor if is_known else None)

    def _page(self, hello: Hello, visit: Visit) -> selectors.Page:
        match hello.conversation:
            case "new":
                conversation = None
            case "latest":
                conversation = selectors.conversation_latest(visit.widget, visit.visitor)
            case UUID():
                conversation = hello.conversation
                selectors.conversation_check(conversation, visit.widget, visit.visitor)
        if conversation is None:
            return selectors.EMPTY_PAGE
        # Only a client that names the conversation can know a part of it already.
        since = hello.revision if hello.conversation == conversation else 0
        with translation.override(hello.locale or None):
            return selectors.conversation_page(conversation, since)

    async def _send_message(self, send: Send, visit: Visit) -> None:
        receipt = await db.write(
            lambda: services.message_receive(
                visit=visit,
                conversation=self.conversation,
                client_id=send.id,
                text=send.text,
                owner=runs().hungry_owner,
            )
        )
        runs().call(receipt.conversation, receipt.claim)
        self.writer.say(
            {
                "type": "accepted",
                "id": str(send.id),
                "conversation": str(receipt.conversation),
                "position": receipt.position,
                "revision": receipt.revision,
            }
        )
        if self.conversation is None:
            await self._attend(selectors.page_before(receipt.conversation), None)
        await conversation_announce(receipt.conversation)

    async def _stop(self, stop: Stop) -> None:
        conversation = self._conversation_named()
        reply = await db.write(
            lambda: services.reply_stop(conversation=conversation, position=stop.position)
        )
        runs().stop(reply)
        await conversation_announce(conversation)

    async def _retry(self, retry: Retry) -> None:
        conversation = self._conversation_named()
        await db.write(
            lambda: services.reply_retry(conversation=conversation, position=retry.position)
        )
        runs().call(conversation)
        await conversation_announce(conversation)

    async def _history(self, history: History) -> None:
        conversation = self._conversation_named()
        with translation.override(self.writer.locale or None):
            page = await db(selectors.conversation_history, conversation, history.before)
        self.writer.say({"type": "history", "messages": page.messages, "has_older": page.has_older})

    def _conversation_named(self) -> UUID:
        if self.conversation is None:
            raise UnknownReplyError
        return self.conversation

    async def _attend(self, page: selectors.Page, cursor: Any) -> None:
        self.conversation = page.conversation
        self.writer.attend(page, cursor)
        if settings.REDIS_URL and page.conversation:
            group = conversation_group(page.conversation)
            await self.channel_layer.group_add(group, self.channel_name)

    async def _leave(self) -> None:
        if settings.REDIS_URL and self.conversation:
            group = conversation_group(self.conversation)
            await self.channel_layer.group_discard(group, self.channel_name)

    async def _refuse(self, error: ConversationError, command: Command | None) -> None:
        message_id = command.id if isinstance(command, Send) else None
        locale = command.locale if isinstance(command, Hello) else self.writer.locale
        with translation.override(locale or None):
            frame = error_frame(error, message_id)
        code = CLOSING.get(type(error))
        if code is None:
            self.writer.say(frame)
            return
        await self._write(frame)
        await self.close(code)

    def _close_silent(self) -> None:
        asyncio.get_running_loop().create_task(self.close(CLOSE_SILENT))

    async def _write(self, frame: Frame) -> None:
        await self.send(text_data=frame_write(frame))
