"""What one socket's customer may do, from their hello on; never awaits a reply."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone, translation

from conversations.chat import selectors, services
from conversations.chat.attributes import Attributes, attributes_merge
from conversations.chat.entrance import let_in, page_shown, welcome_frame
from conversations.chat.limits import turnstile
from conversations.chat.presence import presence
from conversations.chat.protocol import (
    PROTOCOL,
    Command,
    Conversations,
    Hello,
    History,
    Join,
    Note,
    Ping,
    Rate,
    Retry,
    Send,
    Stop,
)
from conversations.chat.runs import runs
from conversations.chat.selectors import Page
from conversations.chat.services import Opinion, Receipt, Visit
from conversations.chat.writer import SocketWriter
from conversations.errors import (
    ConversationError,
    HelloExpectedError,
    IdentityExpiredError,
    InvalidTokenError,
    NotSavedError,
    UnknownReplyError,
    UnsupportedProtocolError,
)
from conversations.identity.admission import Admission
from conversations.identity.customers import conversations_join
from conversations.locales import locale_near
from gateway.db import db

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A foreign lock of three seconds passes unnoticed; after five the customer is told.
SAVE_SECONDS = 5.0
NOT_SAVED_RETRY_SECONDS = 2.0
_OVER = "The chat's session is over: call setUser with a fresh token, or give it refresh."


class Session:
    """Somebody on one conversation of one widget.

    Args:
        public_key: The widget's, as the socket's address names it.
        writer: Tells the socket what there is to tell.
        address: Whom the browser's address stands for; "" if for nobody.
        clock: Says when it is.
    """

    def __init__(
        self,
        public_key: str,
        writer: SocketWriter,
        address: str,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self.visit: Visit | None = None
        self.is_admitted = asyncio.Event()
        self._public_key = public_key
        self._writer = writer
        self._address = address
        self._clock = clock
        self._ends_at: datetime | None = None
        self._is_over = asyncio.Event()
        self._told: ConversationError | None = None
        self._depart: Callable[[], None] = lambda: None

    async def end(self) -> ConversationError:
        """Return, once somebody admitted may stay no longer, what they are told."""
        left = None if self._ends_at is None else (self._ends_at - self._clock()).total_seconds()
        try:
            async with asyncio.timeout(left):
                await self._is_over.wait()
        except TimeoutError:
            return IdentityExpiredError(_OVER)
        if self._told is not None:
            return self._told
        return InvalidTokenError() if self._ends_at is None else IdentityExpiredError(_OVER)

    def leave(self) -> None:
        """Be gone."""
        self._depart()

    async def obey(self, command: Command) -> None:
        """Do what a frame asks.

        Raises:
            ConversationError: It cannot be done; the error says why.
        """
        if self._ends_at is not None and self._clock() >= self._ends_at:
            raise IdentityExpiredError(_OVER)
        match command, self.visit:
            case Ping(), _:
                self._writer.say({"type": "pong"})
            case Hello(), None:
                await self._hello(command)
            case Hello(), _:
                raise HelloExpectedError
            case _, Visit() as visit:
                await self._serve(command, visit)
            case _:
                raise HelloExpectedError

    async def _serve(self, command: Command, visit: Visit) -> None:
        match command:
            case Send():
                await self._send(command, visit)
            case Stop(position):
                await self._stop(position)
            case Retry(position):
                await self._retry(position, visit)
            case Rate():
                await self._rate(command)
            case History(before):
                await self._history(before)
            case Conversations(moment):
                await self._conversations(moment, visit)
            case Join():
                await self._join(visit)
            case Note(attributes):
                await self._note(attributes, visit)

    async def _hello(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL:
            raise UnsupportedProtocolError
        self._writer.locale = locale_near(hello.locale)
        admission = await let_in(hello, self._public_key, self._clock())
        owner = admission.owner
        visit = Visit(
            widget=owner.widget,
            visitor=owner.visitor,
            customer=owner.customer,
            locale=hello.locale,
            page=hello.page,
            attributes=hello.attributes,
        )
        shown = await db(page_shown, hello, visit, self._writer.locale)
        self.visit, page = visit, shown.page
        if shown.team:
            self._writer.widget = visit.widget
            self._writer.team_look_at(shown.team.until)
        self._admitted(admission)
        self._writer.say(welcome_frame(admission, shown, self._clock()))
        is_known = page.running and page.running.position == hello.position
        self._writer.attend(page, hello.cursor if is_known else None)
        await self._note(hello.attributes, visit)

    def _admitted(self, admission: Admission) -> None:
        self._ends_at = admission.session.ends_at if admission.session else None
        self._depart = presence.enter(admission, self._finish)
        self.is_admitted.set()

    def _finish(self, error: ConversationError | None) -> None:
        self._told = error
        self._is_over.set()

    async def _send(self, send: Send, visit: Visit) -> None:
        await turnstile.message_admit(visit.id, self._address)
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
        if self._writer.conversation is None:
            self._writer.attend(selectors.page_before(receipt.conversation))

    async def _save(self, send: Send, visit: Visit) -> Receipt:
        receipt = await db.commit(
            services.message_receive,
            visit=visit,
            conversation=self._writer.conversation,
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
        await turnstile.message_admit(visit.id, self._address)
        await db.write(services.reply_retry, conversation=conversation, position=position)
        runs().call(conversation)
        runs().pokes.changed(conversation)

    async def _rate(self, rate: Rate) -> None:
        conversation = self._conversation()
        opinion = Opinion(rate.value, rate.reason, rate.comment) if rate.value else None
        has_news = await db.write(
            services.reply_rate, conversation=conversation, position=rate.position, opinion=opinion
        )
        if has_news:
            runs().pokes.changed(conversation)

    async def _note(self, attributes: Attributes, visit: Visit) -> None:
        """Keep them with the conversation; with the visit, until there is a conversation."""
        conversation = self._writer.conversation
        if conversation is None:
            known = attributes_merge(visit.attributes, attributes)
            self.visit = replace(visit, attributes=known)
        elif attributes != await db(selectors.attributes_among, conversation, attributes):
            await db.write(
                services.conversation_note, conversation=conversation, attributes=attributes
            )

    async def _history(self, before: int) -> None:
        page = await db(_older, self._conversation(), before, self._writer.locale)
        self._writer.say(
            {"type": "history", "messages": page.messages, "has_older": page.has_older}
        )

    async def _conversations(self, before: datetime | None, visit: Visit) -> None:
        shelf = await db(selectors.conversations_of, visit, before)
        self._writer.say(
            {"type": "conversations", "conversations": shelf.talks, "has_more": shelf.has_more}
        )

    async def _join(self, visit: Visit) -> None:
        moved = await db.write(conversations_join, owner=visit)
        self._writer.say(
            {
                "type": "joined",
                "count": len(moved),
                "conversation": str(moved[0].pk) if moved else None,
            }
        )

    def _conversation(self) -> UUID:
        if self._writer.conversation is None:
            raise UnknownReplyError
        return self._writer.conversation


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


def _older(conversation: UUID, before: int, locale: str) -> Page:
    with translation.override(locale or None):
        return selectors.conversation_history(conversation, before)
