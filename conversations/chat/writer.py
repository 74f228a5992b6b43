"""The one task that writes to a socket: answers to its frames, changes, and a reply's words."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone, translation

from conversations.chat.pokes import Pokes
from conversations.chat.protocol import Frame, words_frame
from conversations.chat.selectors import EMPTY_PAGE, Page, Running, conversation_changes
from conversations.chat.streamlog import Cursor, StreamLog
from conversations.chat.team import team_told
from conversations.errors import UnknownConversationError
from gateway.db import db

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
# Then the client's own frames wait, so that one that asks and never reads costs little.
FRAMES_WAITING = 4


class SocketWriter:
    """Tells one socket what its conversation becomes, merging what a slow reader has missed.

    ``send`` waits while the socket's buffer is full; meanwhile words pile up in the stream log,
    not here, so a reader that never reads costs bounded memory.

    Args:
        send: Writes one frame to the socket.
        stream_log: Where running replies' words are.
        pokes: Tell when to look.

    Attributes:
        locale: The customer's language.
        widget: Of which a way to a person is told; None where it never offers one.
    """

    def __init__(
        self,
        send: Callable[[Frame], Awaitable[None]],
        stream_log: StreamLog,
        pokes: Pokes,
    ) -> None:
        self.locale = ""
        self.widget: int | None = None
        self._send = send
        self._log = stream_log
        self._pokes = pokes
        self._wake = asyncio.Event()
        self._frames: deque[Frame] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self._conversation: UUID | None = None
        self._revision = 0
        self._has_changed = False
        self._is_team_due = False
        self._team_timer: asyncio.TimerHandle | None = None
        self._running: Running | None = None
        self._cursor: Cursor | None = None
        self._unwatch_conversation: Callable[[], None] = lambda: None
        self._unwatch_reply: Callable[[], None] = lambda: None

    @property
    def conversation(self) -> UUID | None:
        """The conversation that is told of; None before the first message and after an erasure."""
        return self._conversation

    def say(self, frame: Frame) -> None:
        """Send a frame after those that wait already."""
        self._frames.append(frame)
        self._wake.set()
        if len(self._frames) >= FRAMES_WAITING:
            self._room.clear()

    async def room(self) -> None:
        """Wait until few enough frames wait that an answer to one more may join them."""
        await self._room.wait()

    def attend(self, page: Page, cursor: Cursor | None = None) -> None:
        """Tell of a conversation from ``page`` on, and of its running reply from ``cursor``."""
        self._unwatch_conversation()
        self._unwatch_conversation = lambda: None
        self._conversation, self._revision = page.conversation, page.revision
        if page.conversation:
            self._unwatch_conversation = self._pokes.watch(page.conversation, self.look)
            self.look()  # a change since the page was read was told before anybody watched
        self._follow(page.running, cursor)

    def look(self) -> None:
        """See what has changed: somebody says that something has."""
        self._has_changed = True
        self._wake.set()

    def team_look_at(self, moment: datetime | None) -> None:
        """See what the way to a person becomes at a moment; None if no moment changes it."""
        if self._team_timer:
            self._team_timer.cancel()
        self._team_timer = None
        if moment:
            seconds = (moment - timezone.now()).total_seconds()
            loop = asyncio.get_running_loop()
            self._team_timer = loop.call_later(max(0.0, seconds), self._team_look)

    def _team_look(self) -> None:
        self._is_team_due = True
        self._wake.set()

    async def run(self) -> None:
        """Write until cancelled."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._frames:
                    await self._send(self._frames.popleft())
                self._room.set()
                # Words first: an end must not overtake what was said before it.
                await self._tell_words()
                await self._tell_changes()
                await self._tell_team()
        finally:
            self._room.set()
            self.team_look_at(None)
            self._unwatch_conversation()
            self._unwatch_reply()

    async def _tell_words(self) -> None:
        if self._running is None:
            return
        piece = self._log.read(self._running.reply, self._cursor)
        if piece is None:
            return
        self._cursor = piece.end
        await self._send(words_frame(self._running.position, piece))

    async def _tell_changes(self) -> None:
        if not self._has_changed or self._conversation is None:
            return
        self._has_changed = False
        try:
            page, team = await db(self._read_changes, self._conversation)
        except UnknownConversationError:
            await self._send({"type": "erased", "conversation": str(self._conversation)})
            self.attend(EMPTY_PAGE)
            return
        except DatabaseError:
            logger.warning("a change could not be read; trying again", exc_info=True)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self.look)
            return
        if page.revision <= self._revision:
            return
        self._revision = page.revision
        await self._send(
            {
                "type": "changed",
                "revision": page.revision,
                "messages": page.messages,
                **team,
            }
        )
        has_ended = self._running and self._running.position in {
            message["position"] for message in page.messages
        }
        if page.running != self._running and (page.running or has_ended):
            self._follow(page.running, None)

    async def _tell_team(self) -> None:
        """Tell of the way to a person, since the office has opened or closed."""
        if not self._is_team_due or self.widget is None:
            return
        self._is_team_due = False
        try:
            team = await db(team_told, self.widget, self._conversation, timezone.now())
        except DatabaseError:
            logger.warning("the way to a person could not be read; trying again", exc_info=True)
            self.team_look_at(timezone.now() + timedelta(seconds=RETRY_SECONDS))
            return
        self.team_look_at(team.until)
        await self._send({"type": "team", "team": team.told})

    def _read_changes(self, conversation: UUID) -> tuple[Page, Frame]:
        with translation.override(self.locale or None):
            if self.widget is None:
                return conversation_changes(conversation, self._revision), {}
            # First, so that no message stands between its revision and those that are read.
            team = team_told(self.widget, conversation, timezone.now())
            page = conversation_changes(conversation, self._revision)
        return replace(page, revision=max(page.revision, team.revision)), {"team": team.told}

    def _follow(self, running: Running | None, cursor: Cursor | None) -> None:
        self._unwatch_reply()
        self._unwatch_reply = lambda: None
        self._running, self._cursor = running, cursor
        if running:
            self._unwatch_reply = self._log.watch(running.reply, self._wake.set)
            self._wake.set()
