"""Background tasks that answer: they belong to the process, and no closed tab ends them."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings

from conversations.chat.leases import (
    Claim,
    Ending,
    Spoken,
    replies_checkpoint,
    reply_claim_next,
    reply_end,
    reply_release,
    reply_restart,
)
from conversations.chat.patience import patiently
from conversations.chat.pokes import About, Poke, Pokes
from conversations.chat.replies import Halt, reply_answer
from conversations.chat.revisions import (
    conversation_prove,
)
from conversations.chat.speech import Speech
from conversations.chat.streamlog import MemoryStreamLog, StreamLog
from conversations.errors import UnknownConversationError
from conversations.models import ReplyStatus
from gateway.db import db
from gateway.logcontext import logging_about
from gateway.processes import process_id

logger = logging.getLogger(__name__)

T = TypeVar("T")

CHECKPOINT_SECONDS = 1.0
# How long an answer lets messages that come at the same moment go first.
CALM_SECONDS = 0.5
# For saving and releasing what did not finish in time, when the process ends.
RELEASE_SECONDS = 10.0


@dataclass(slots=True)
class Run:
    """An attempt that is being made here and now."""

    claim: Claim
    speech: Speech
    halted: asyncio.Future[Halt]

    def halt(self, why: Halt) -> None:
        """End the attempt, unless it is ending already."""
        if not self.halted.done():
            self.halted.set_result(why)


class Runs:
    """All replies that this process works on: one worker for each conversation.

    Args:
        owner: The process's name in leases.
        stream_log: Where the replies' words go.
        pokes: Tell of changes.
    """

    def __init__(self, owner: str, stream_log: StreamLog, pokes: Pokes) -> None:
        self.owner = owner
        self.stream_log = stream_log
        self.pokes = pokes
        self._workers: dict[UUID, asyncio.Task[None]] = {}
        self._calls: dict[UUID, Claim | None] = {}
        self._runs: dict[int, Run] = {}
        self._checkpoints: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(settings.REPLY_CONCURRENCY)
        self._is_draining = False

    def call(self, conversation: UUID, claim: Claim | None = None) -> None:
        """See to a conversation's open replies; ``claim`` is one that is ours already."""
        if self._is_draining:
            return
        if claim or conversation not in self._calls:
            self._calls[conversation] = claim
        if conversation not in self._workers:
            # A fresh context: the request that called must not live on in its answer.
            self._workers[conversation] = asyncio.get_running_loop().create_task(
                self._work(conversation), context=contextvars.Context()
            )

    @property
    def hungry_owner(self) -> str:
        """The owner for a reply that may begin at once; "" while there is no room for one."""
        return "" if self._is_draining or self._slots.locked() else self.owner

    def stop(self, reply: int) -> None:
        """End a reply whose stop has been written, wherever it runs."""
        if not self.halt(reply):
            self.pokes.tell(Poke(About.STOPPED, str(reply)))

    def halt(self, reply: int) -> bool:
        """End a reply that somebody has stopped, if it runs here, and return whether it does."""
        run = self._runs.get(reply)
        if run:
            run.halt(Halt.STOPPED)
        return run is not None

    async def is_ours(self, reply: int) -> bool:
        """Ask the database whether we still make this reply; if not, it is lost to us."""
        await patiently(self._checkpoint)
        run = self._runs.get(reply)
        return run is not None and not run.halted.done()

    async def drain(self, grace_seconds: float) -> None:
        """Begin nothing new; let what runs finish in time, save and release the rest."""
        self._is_draining = True
        workers = set(self._workers.values())
        if workers:
            await asyncio.wait(workers, timeout=grace_seconds)
        for run in self._runs.values():
            run.halt(Halt.RELEASED)
        if workers:
            await asyncio.wait(workers, timeout=RELEASE_SECONDS)

    async def _work(self, conversation: UUID) -> None:
        try:
            with logging_about(conversation=str(conversation)):
                await self._answer_all(conversation)
        finally:
            del self._workers[conversation]
            if conversation in self._calls:
                self.call(conversation, self._calls[conversation])

    async def _answer_all(self, conversation: UUID) -> None:
        try:
            while conversation in self._calls:
                claim = self._calls.pop(conversation)
                async with self._slots:
                    claim = claim or await self._next(conversation)
                    # In a rush, every message is accepted before the answers take the processor.
                    await db.calm(CALM_SECONDS)
                    while claim:
                        claim = await self._answer(claim)
        except UnknownConversationError:
            logger.info("a conversation was erased while it was answered")
        except Exception:
            # The lease lapses, and whichever process is up takes over.
            logger.exception("a worker fell over")

    async def _next(self, conversation: UUID) -> Claim | None:
        if self._is_draining:
            return None
        claim, has_news = await db.write(reply_claim_next, conversation, self.owner)
        if has_news:
            self.pokes.changed(conversation)
        return claim

    async def _answer(self, claim: Claim) -> Claim | None:
        """Make an attempt, write how it ended, and return the one that is to follow at once."""
        run = self._run_make(claim)
        try:
            ending = await reply_answer(claim, run.speech, run.halted)
            following = await self._conclude(run, ending)
        except UnknownConversationError:
            self.stream_log.erase(claim.reply)
            raise
        finally:
            del self._runs[claim.reply]
        self.pokes.changed(claim.conversation)
        if following is None or following.reply != claim.reply:
            self.stream_log.end(claim.reply)
        return following

    def _run_make(self, claim: Claim) -> Run:
        loop = asyncio.get_running_loop()
        speech = Speech(self.stream_log, claim.reply, claim.attempt, call_later=loop.call_later)
        run = Run(claim, speech, loop.create_future())
        self._runs[claim.reply] = run
        if self._checkpoints is None or self._checkpoints.done():
            self._checkpoints = loop.create_task(
                self._checkpoint_while_running(), context=contextvars.Context()
            )
        return run

    async def _conclude(self, run: Run, ending: Ending | Halt) -> Claim | None:
        goes_on = not self._is_draining
        match ending:
            case Halt.LOST:
                await patiently(lambda: db(conversation_prove, run.claim.conversation))
                return None
            case Halt():
                await self._persist(lambda: reply_release(run.claim, run.speech.text))
                self.pokes.tell(Poke(About.WAITING, run.claim.conversation.hex))
                return None
            case Ending(status=ReplyStatus.INTERRUPTED, is_passing=True) if run.claim.may_restart:
                return await self._persist(lambda: reply_restart(run.claim))
            case Ending():
                _, following = await self._persist(
                    lambda: reply_end(run.claim, ending, goes_on=goes_on)
                )
                return following

    @staticmethod
    async def _persist(command: Callable[[], T]) -> T:
        # As long as it takes: meanwhile checkpoints renew the lease as soon as one gets through.
        return await patiently(lambda: db.commit(command))

    async def _checkpoint_while_running(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            if not self._runs:
                return
            try:
                await self._checkpoint()
            except Exception:
                logger.warning("a checkpoint failed; the next one may not", exc_info=True)

    async def _checkpoint(self) -> None:
        spoken = [Spoken(run.claim, run.speech.text) for run in self._runs.values()]
        orders = await db.write(replies_checkpoint, spoken)
        attempts = {now_said.claim for now_said in spoken}
        for run in tuple(self._runs.values()):
            if run.claim not in attempts:
                continue
            if run.claim.reply in orders.lost:
                run.halt(Halt.LOST)
            elif run.claim.reply in orders.stop:
                run.halt(Halt.STOPPED)


Leave: TypeAlias = Callable[[], Awaitable[None]]
_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Runs, Leave]] = WeakKeyDictionary()


def runs() -> Runs:
    """Return the running loop's replies."""
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        make = _runs_among_others if settings.REDIS_URL else _runs_alone
        _by_loop[loop] = make(process_id())
    return _by_loop[loop][0]


async def runs_drain(grace_seconds: float) -> None:
    """Finish, or save and release, every reply of this process; then leave the others."""
    here = runs()
    await here.drain(grace_seconds)
    _, leave = _by_loop[asyncio.get_running_loop()]
    await leave()


def _runs_alone(owner: str) -> tuple[Runs, Leave]:
    async def leave() -> None:
        """Tell nobody: nobody is there."""

    return Runs(owner, MemoryStreamLog(), Pokes()), leave


def _runs_among_others(owner: str) -> tuple[Runs, Leave]:
    # A site of one process need not have Redis' client installed.
    from conversations.chat.neighbours import Neighbours  # noqa: PLC0415
    from conversations.chat.redis_stream import Keys  # noqa: PLC0415

    neighbours = Neighbours(owner, Keys())
    here = Runs(owner, neighbours.log, neighbours.pokes)
    neighbours.start(here)
    return here, neighbours.stop
