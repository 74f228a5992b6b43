"""What was erased is nowhere: no row, no word under way, no way back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core import serializers
from django.db.models import QuerySet
from pytest_django import Settings
from redis.asyncio import Redis

from conversations.chat import runs as runs_module
from conversations.chat.leases import Ending, Spoken, replies_checkpoint, reply_end, reply_restart
from conversations.chat.neighbours import Neighbours
from conversations.chat.pokes import Pokes
from conversations.chat.protocol import Frame
from conversations.chat.redis_stream import Keys
from conversations.chat.runs import Runs
from conversations.chat.selectors import conversation_page
from conversations.chat.services import (
    Opinion,
    Receipt,
    Visit,
    message_receive,
    reply_rate,
    reply_stop,
)
from conversations.chat.streamlog import MemoryStreamLog
from conversations.chat.writer import SocketWriter
from conversations.errors import UnknownConversationError
from conversations.models import (
    Conversation,
    Message,
    PromptTemplate,
    PromptVersion,
    Rating,
    RatingReason,
    RatingValue,
    Reply,
    ReplyStatus,
    TeamMessage,
)
from conversations.privacy.erasure import conversation_erase, conversation_forget
from gateway.db import db
from gateway.sandbox.server import Pace, Sandbox

ASKED, ANSWERED, THOUGHT = "canary-asked", "canary-answered", "canary-thought"
LEFT = "canary-left"
CANARIES = (ASKED, ANSWERED, THOUGHT, LEFT)
PATIENCE_SECONDS = 20.0


@pytest.fixture
def live_version(request: pytest.FixtureRequest) -> PromptVersion:
    """A prompt with which the sandbox says the canary, and goes on for a while."""
    has_transactions = "transactional_db" in request.fixturenames
    request.getfixturevalue("transactional_db" if has_transactions else "db")
    answer = f"{ANSWERED} " + " ".join(f"word{number}" for number in range(60))
    template = PromptTemplate.objects.create(name="Shop")
    version = PromptVersion.objects.create(
        template=template, number=1, instructions=f"Q: {ASKED}?\nA: {answer}"
    )
    PromptTemplate.objects.filter(pk=template.pk).update(live=version)
    return version


def ask(visit: Visit, conversation: UUID | None = None, owner: str = "process-1") -> Receipt:
    return message_receive(
        visit=visit,
        conversation=conversation,
        client_id=uuid4(),
        text=f"{ASKED}?",
        owner=owner,
    )


def tables() -> str:
    """Return all that the database holds but for prompts, as text."""
    rows: list[Any] = [
        row
        for model in apps.get_models()
        if model not in {PromptTemplate, PromptVersion}
        for row in QuerySet[Any](model)
    ]
    return str(serializers.serialize("json", rows))


def answered(visit: Visit) -> Receipt:
    receipt = ask(visit)
    assert receipt.claim
    reply_end(receipt.claim, Ending(status=ReplyStatus.COMPLETE, text=f"{ANSWERED}."))
    opinion = Opinion(RatingValue.DOWN, RatingReason.WRONG, THOUGHT)
    reply_rate(conversation=receipt.conversation, position=2, opinion=opinion)
    TeamMessage.objects.create(
        conversation_id=receipt.conversation,
        client_id=uuid4(),
        name=LEFT,
        email=f"{LEFT}@example.org",
        text=LEFT,
        note=LEFT,
    )
    return receipt


def test_no_table_holds_a_word_of_it(visit: Visit) -> None:
    receipt = answered(visit)
    held = tables()
    assert all(canary in held for canary in CANARIES)
    conversation_erase(conversation=receipt.conversation)
    left = tables()
    assert not any(canary in left for canary in CANARIES)
    for model in (Conversation, Message, Reply, Rating, TeamMessage):
        assert not model.objects.exists(), model


def test_another_conversation_of_the_same_visitor_stays(visit: Visit) -> None:
    kept, erased = answered(visit), answered(visit)
    conversation_erase(conversation=erased.conversation)
    assert [row.pk for row in Conversation.objects.all()] == [kept.conversation]
    assert (Message.objects.count(), Rating.objects.count()) == (2, 1)


def test_it_says_which_replies_are_gone_and_which_of_them_were_open(visit: Visit) -> None:
    receipt = answered(visit)
    ask(visit, receipt.conversation)
    first, second = Reply.objects.order_by("message__position").values_list("pk", flat=True)
    erased = conversation_erase(conversation=receipt.conversation)
    assert set(erased.replies) == {first, second}
    assert erased.open_replies == (second,)


def test_what_is_gone_cannot_be_erased_again(visit: Visit) -> None:
    receipt = answered(visit)
    conversation_erase(conversation=receipt.conversation)
    with pytest.raises(UnknownConversationError):
        conversation_erase(conversation=receipt.conversation)


def test_a_run_that_still_speaks_brings_nothing_back(visit: Visit) -> None:
    receipt = ask(visit)
    claim = receipt.claim
    assert claim
    conversation_erase(conversation=receipt.conversation)
    assert replies_checkpoint([Spoken(claim, ANSWERED)]).lost == {claim.reply}
    for write in (
        lambda: reply_end(claim, Ending(status=ReplyStatus.COMPLETE, text=ANSWERED)),
        lambda: reply_restart(claim),
        lambda: reply_stop(conversation=receipt.conversation, position=2),
        lambda: ask(visit, receipt.conversation),
    ):
        with pytest.raises(UnknownConversationError):
            write()
    assert not any(canary in tables() for canary in CANARIES)


# --- with a reply under way ---


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(0.01)


async def begin(visit: Visit, runs: Runs) -> Receipt:
    receipt = await db.write(ask, visit, None, runs.hungry_owner)
    runs.call(receipt.conversation, receipt.claim)
    return receipt


class Socket:
    """A tab that looks on."""

    def __init__(self, runs: Runs) -> None:
        self.frames: list[Frame] = []
        self.writer = SocketWriter(self._send, runs.stream_log, runs.pokes)
        self.task = asyncio.create_task(self.writer.run())

    async def _send(self, frame: Frame) -> None:
        self.frames.append(frame)

    async def attend(self, conversation: UUID) -> None:
        self.writer.attend(await db(conversation_page, conversation, 0))

    @property
    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    @property
    def said(self) -> str:
        return "".join(frame["text"] for frame in self.frames if "text" in frame)


@pytest.mark.django_db(transaction=True)
class TestUnderWay:
    pytestmark = [pytest.mark.usefixtures("site_gateway", "slow_sandbox")]

    @pytest.fixture
    async def runs(self) -> AsyncIterator[Runs]:
        runs = Runs("a", MemoryStreamLog(), Pokes())
        yield runs
        await runs.drain(0)

    async def test_the_call_ends_and_memory_forgets(
        self,
        visit: Visit,
        runs: Runs,
        slow_sandbox: Sandbox,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        # Nobody shall have to wait for the database to tell.
        monkeypatch.setattr(runs_module, "CHECKPOINT_SECONDS", 600)
        caplog.set_level(logging.WARNING)
        receipt = await begin(visit, runs)
        assert receipt.claim
        reply = receipt.claim.reply
        await until(lambda: ANSWERED in str(runs.stream_log.read(reply, None)))
        slow_sandbox.pace = Pace(first_seconds=0, word_seconds=600)
        await conversation_forget(receipt.conversation, runs)
        await until(lambda: not slow_sandbox.open_streams)
        await runs.drain(5)
        assert runs.stream_log.read(reply, None) is None
        left = await db(tables)
        assert not any(canary in left for canary in CANARIES)
        assert [line.message for line in caplog.records] == []

    async def test_a_reply_that_was_erased_before_it_asked_is_no_fault(
        self, visit: Visit, runs: Runs, caplog: pytest.LogCaptureFixture
    ) -> None:
        receipt = await db.write(ask, visit, None, runs.hungry_owner)
        await conversation_forget(receipt.conversation, runs)
        runs.call(receipt.conversation, receipt.claim)
        runs.call(receipt.conversation)
        await runs.drain(5)
        assert [line.message for line in caplog.records if line.levelno >= logging.ERROR] == []
        left = await db(tables)
        assert not any(canary in left for canary in CANARIES)

    async def test_each_tab_is_told_once_and_may_begin_anew(self, visit: Visit, runs: Runs) -> None:
        receipt = await begin(visit, runs)
        tabs = [Socket(runs), Socket(runs)]
        for tab in tabs:
            await tab.attend(receipt.conversation)
        await until(lambda: all(tab.said for tab in tabs))
        await conversation_forget(receipt.conversation, runs)
        for tab in tabs:
            await until(lambda tab=tab: tab.kinds[-1] == "erased")  # type: ignore[misc]  # bound at once
            assert tab.frames[-1]["conversation"] == str(receipt.conversation)
            assert tab.writer.conversation is None
        runs.pokes.changed(receipt.conversation)
        await asyncio.sleep(0.1)
        assert [tab.kinds.count("erased") for tab in tabs] == [1, 1]
        for tab in tabs:
            tab.task.cancel()


@pytest.mark.django_db(transaction=True)
class TestTwoProcesses:
    pytestmark = [pytest.mark.usefixtures("site_gateway", "slow_sandbox")]

    @pytest.fixture
    async def processes(
        self,
        settings: Settings,
        redis_url: str,
        keys: Keys,
    ) -> AsyncIterator[list[Runs]]:
        """Two processes over one Redis; the first makes the replies."""
        settings.REDIS_URL = redis_url
        owners = ("a", "b")
        neighbours = [Neighbours(owner, keys) for owner in owners]
        started = [
            Runs(owner, each.log, each.pokes)
            for owner, each in zip(owners, neighbours, strict=True)
        ]
        for each, work in zip(neighbours, started, strict=True):
            each.start(work)
        yield started
        for each, work in zip(neighbours, started, strict=True):
            await work.drain(0)
            await each.stop()

    @staticmethod
    async def kept(redis: Redis, keys: Keys) -> str:
        prefix = keys.pokes.removesuffix("pokes")
        streams = [key async for key in redis.scan_iter(f"{prefix}reply:*")]
        return str([await redis.xrange(key) for key in streams])

    async def test_redis_and_the_other_process_forget(
        self,
        visit: Visit,
        processes: list[Runs],
        redis: Redis,
        keys: Keys,
        slow_sandbox: Sandbox,
    ) -> None:
        ours, theirs = processes
        receipt = await begin(visit, ours)
        assert receipt.claim
        reply = receipt.claim.reply
        there = Socket(theirs)
        await there.attend(receipt.conversation)
        await until(lambda: ANSWERED in there.said)
        assert ANSWERED in await self.kept(redis, keys)
        await conversation_forget(receipt.conversation, theirs)
        await until(lambda: there.kinds[-1] == "erased")
        await until(lambda: not slow_sandbox.open_streams)
        await ours.drain(5)
        await asyncio.sleep(0.3)  # whatever was on its way to Redis has arrived
        assert await self.kept(redis, keys) == "[]"
        for process in processes:
            assert process.stream_log.read(reply, None) is None
        left = await db(tables)
        assert not any(canary in left for canary in CANARIES)
        there.task.cancel()

    async def test_a_stream_that_has_just_ended_is_deleted_too(
        self,
        visit: Visit,
        processes: list[Runs],
        redis: Redis,
        keys: Keys,
    ) -> None:
        ours, theirs = processes
        receipt = await begin(visit, ours)
        assert receipt.claim
        await until(lambda: ANSWERED in str(ours.stream_log.read(receipt.claim.reply, None)))  # type: ignore[union-attr]  # there is one
        ours.stop(await db.write(reply_stop, conversation=receipt.conversation, position=2))
        await ours.drain(5)
        await asyncio.sleep(0.1)
        assert ANSWERED in await self.kept(redis, keys)
        await conversation_forget(receipt.conversation, theirs)
        await asyncio.sleep(0.3)
        assert await self.kept(redis, keys) == "[]"
