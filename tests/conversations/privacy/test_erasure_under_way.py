"""What is erased while a reply runs is gone too, in this process and in others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings
from redis.asyncio import Redis

from conversations.chat import runs as runs_module
from conversations.chat.neighbours import Neighbours
from conversations.chat.pokes import Pokes
from conversations.chat.protocol import Frame
from conversations.chat.redis_stream import Keys
from conversations.chat.runs import Runs
from conversations.chat.selectors import conversation_page
from conversations.chat.services import Receipt, Visit, reply_stop
from conversations.chat.streamlog import MemoryStreamLog
from conversations.chat.writer import SocketWriter
from conversations.privacy.erasure import conversation_forget
from gateway.db import db
from gateway.sandbox.server import Pace, Sandbox
from tests.conversations.privacy.canaries import ANSWERED, CANARIES, LIVE, ask, tables

PATIENCE_SECONDS = 20.0


@pytest.fixture
def live_instructions() -> str:
    """A prompt with which the sandbox says the canary, and goes on for a while."""
    return LIVE


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
