"""What one socket's visitor may do, from their hello on; never awaits a reply."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.utils import translation

from conversations.chat import selectors, services
from conversations.chat.limits import turnstile
from conversations.chat.protocol import PROTOCOL, Command, Hello, History, Ping, Retry, Send, Stop
from conversations.chat.runs import runs
from conversations.chat.selectors import Page
from conversations.chat.services import Receipt, Visit
from conversations.chat.streamlog import Cursor
from conversations.chat.writer import SocketWriter
from conversations.errors import (
    HelloExpectedError,
    NotSavedError,
    UnknownReplyError,
    UnsupportedProtocolError,
)
from conversations.identity import visitor_token_make, visitor_token_read
from conversations.locales import locale_near
from gateway.db import db

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A foreign lock of three seconds passes unnoticed; after five the customer is told.
SAVE_SECONDS = 5.0
NOT_SAVED_RETRY_SECONDS = 2.0


class Session:
    """A visitor on one conversation of one widget.

    Args:
        public_key: The widget's, as the socket's address names it.
        writer: Tells the socket what there is to tell.
        address: Whom the visitor's address stands for; "" if for nobody.
    """

    def __init__(self, public_key: str, writer: SocketWriter, address: str) -> None:
        self.conversation: UUID | None = None
        self.visit: Visit | None = None
        self._public_key = public_key
        self._writer = writer
        self._address = address

    async def obey(self, command: Command) -> None:
        """Do what a frame asks.

        Raises:
            ConversationError: It cannot be done; the error says why.
        """
        match command, self.visit:
            case Ping(), _:
                self._writer.say({"type": "pong"})
            case Hello(), None:
                await self._hello(command)
            case Send(), Visit() as visit:
                await self._send(command, visit)
            case Stop(), Visit():
                await self._stop(command.position)
            case Retry(), Visit() as visit:
                await self._retry(command.position, visit)
            case History(), Visit():
                await self._history(command.before)
            case _:
                raise HelloExpectedError

    async def _hello(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL:
            raise UnsupportedProtocolError
        self._writer.locale = locale_near(hello.locale)
        widget = await db(selectors.widget_get, self._public_key)
        visitor = visitor_token_read(hello.token, self._public_key) if hello.token else uuid4()
        visit = Visit(widget=widget.pk, visitor=visitor, locale=hello.locale, page=hello.page)
        page = await db(_page, hello, visit, self._writer.locale)
        self.visit = visit
        self._writer.say(
            {
                "type": "welcome",
                "protocol": PROTOCOL,
                "token": visitor_token_make(visitor, self._public_key),
                "conversation": str(page.conversation) if page.conversation else None,
                "revision": page.revision,
                "messages": page.messages,
                "has_older": page.has_older,
                "reset": page.is_reset,
            }
        )
        is_known = page.running and page.running.position == hello.position
        self._attend(page, hello.cursor if is_known else None)

    async def _send(self, send: Send, visit: Visit) -> None:
        await turnstile.message_admit(visit.visitor, self._address)
        receipt = await _in_time(self._save(send, visit))
        self._writer.say(
            {
                "type": "accepted",
                "id": str(send.id),
                "conversation": str(receipt.conversation),
                "position": receipt.position,
                "revision": receipt.revision,
            }
        )
        if self.conversation is None:
            self._attend(selectors.page_before(receipt.conversation))
        self._writer.look()

    async def _save(self, send: Send, visit: Visit) -> Receipt:
        receipt = await db.commit(
            services.message_receive,
            visit=visit,
            conversation=self.conversation,
            client_id=send.id,
            text=send.text,
            owner=runs().hungry_owner,
        )
        runs().call(receipt.conversation, receipt.claim)
        runs().pokes.changed(receipt.conversation)
        return receipt

    async def _stop(self, position: int) -> None:
        conversation = self._conversation()
        reply = await db.write(services.reply_stop, conversation=conversation, position=position)
        runs().stop(reply)
        runs().pokes.changed(conversation)

    async def _retry(self, position: int, visit: Visit) -> None:
        conversation = self._conversation()
        await turnstile.message_admit(visit.visitor, self._address)
        await db.write(services.reply_retry, conversation=conversation, position=position)
        runs().call(conversation)
        runs().pokes.changed(conversation)

    async def _history(self, before: int) -> None:
        page = await db(_older, self._conversation(), before, self._writer.locale)
        self._writer.say(
            {"type": "history", "messages": page.messages, "has_older": page.has_older}
        )

    def _conversation(self) -> UUID:
        if self.conversation is None:
            raise UnknownReplyError
        return self.conversation

    def _attend(self, page: Page, cursor: Cursor | None = None) -> None:
        self.conversation = page.conversation
        self._writer.attend(page, cursor)


async def _in_time(saving: Coroutine[Any, Any, T]) -> T:
    """Return what a write returns, if the database takes it soon.

    A write that takes longer goes on, answer included, for it may well succeed; the client is
    told the truth, that it is not saved now, and sends the message again, which is harmless.

    Raises:
        NotSavedError: It takes too long.
    """
    task = asyncio.ensure_future(saving)
    done, _ = await asyncio.wait([task], timeout=SAVE_SECONDS)
    if done:
        return task.result()
    task.add_done_callback(_late_log)
    raise NotSavedError(retry_after=NOT_SAVED_RETRY_SECONDS)


def _late_log(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and task.exception():
        logger.warning("a late message was not saved: %s", type(task.exception()).__name__)


def _page(hello: Hello, visit: Visit, locale: str) -> Page:
    conversation: UUID | None
    match hello.conversation:
        case "new":
            conversation = None
        case "latest":
            conversation = selectors.conversation_latest(visit.widget, visit.visitor)
        case UUID() as conversation:
            selectors.conversation_check(conversation, visit.widget, visit.visitor)
    if conversation is None:
        return selectors.EMPTY_PAGE
    # Only a client that names the conversation can know a part of it already.
    since = hello.revision if hello.conversation == conversation else 0
    with translation.override(locale or None):
        return selectors.conversation_page(conversation, since)


def _older(conversation: UUID, before: int, locale: str) -> Page:
    with translation.override(locale or None):
        return selectors.conversation_history(conversation, before)
