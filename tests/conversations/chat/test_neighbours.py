"""Two processes' runs in one loop, over one database and a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings
from redis.asyncio import Redis

from conversations.chat.neighbours import Neighbours
from conversations.chat.protocol import Frame
from conversations.chat.redis_stream import Keys
from conversations.chat.runs import Runs
from conversations.chat.selectors import conversation_page
from conversations.chat.services import Receipt, Visit, message_receive, reply_stop
from conversations.chat.writer import SocketWriter
from conversations.models import Reply
from gateway.db import db
from gateway.sandbox.server import Pace, Sandbox
from tests.conversations.chat.client import QUESTION
from tests.conversations.conftest import keys_of_ones_own

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]

PATIENCE_SECONDS = 20.0


@pytest.fixture
def live_instructions() -> str:
    """A prompt with which the sandbox has much to say."""
    return f"Q: {QUESTION}\nA: " + " ".join(f"word{number}" for number in range(60))


class Process:
    """Runs with neighbours, and sockets that keep what they are told."""

    def __init__(self, owner: str, keys: Keys) -> None:
        self.neighbours = Neighbours(owner, keys)
        self.runs = Runs(owner, self.neighbours.log, self.neighbours.pokes)
        self.neighbours.start(self.runs)
        self._sockets: list[asyncio.Task[None]] = []

    async def ask(self, visit: Visit) -> Receipt:
        receipt = await db.write(
            message_receive,
            visit=visit,
            conversation=None,
            client_id=uuid4(),
            text=QUESTION,
            owner=self.runs.hungry_owner,
        )
        self.runs.call(receipt.conversation, receipt.claim)
        return receipt

    async def open(self, conversation: UUID) -> list[Frame]:
        """Open a socket on a conversation and return the list that its frames go to."""
        frames: list[Frame] = []

        async def send(frame: Frame) -> None:
            frames.append(frame)

        writer = SocketWriter(send, self.runs.stream_log, self.runs.pokes)
        writer.attend(await db(conversation_page, conversation, 0))
        self._sockets.append(asyncio.create_task(writer.run()))
        return frames

    async def leave(self) -> None:
        for socket in self._sockets:
            socket.cancel()
        if self._sockets:
            await asyncio.wait(self._sockets)
        await self.runs.drain(0)
        await self.neighbours.stop()


Start = Callable[..., Process]


@pytest.fixture
async def process(settings: Settings, redis_url: str, keys: Keys) -> AsyncIterator[Start]:
    """Return a function that starts a process; with keys of its own, it hears of no other."""
    settings.REDIS_URL = redis_url
    started: list[Process] = []

    def start(owner: str, own_keys: Keys | None = None) -> Process:
        started.append(Process(owner, own_keys or keys))
        return started[-1]

    yield start
    for each in started:
        await each.leave()


@pytest.fixture
async def lonely_keys(redis: Redis) -> AsyncIterator[Keys]:
    """Names under which nobody else writes: every hint is lost."""
    async with keys_of_ones_own(redis) as own:
        yield own


async def until(is_so: Callable[[], Any]) -> float:
    """Wait for something, and return how many seconds it took."""
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(0.01)
    return loop.time() - began_at


def said(frames: list[Frame]) -> str:
    text = ""
    for frame in frames:
        if frame["type"] == "reply.snapshot":
            text = frame["text"]
        elif frame["type"] == "reply.delta":
            text += frame["text"]
    return text


def ended(frames: list[Frame]) -> bool:
    messages = [m for frame in frames if frame["type"] == "changed" for m in frame["messages"]]
    return any(message.get("html") for message in messages)


async def reply() -> Reply:
    return await db(lambda: Reply.objects.select_related("message").get())


async def test_a_socket_elsewhere_sees_the_words_and_the_end(
    visit: Visit, process: Start, sandbox: Sandbox
) -> None:
    sandbox.pace = Pace(first_seconds=0.3, word_seconds=0.02)
    ours, theirs = process("a"), process("b")
    receipt = await ours.ask(visit)
    here, there = await ours.open(receipt.conversation), await theirs.open(receipt.conversation)
    await until(lambda: ended(here) and ended(there))
    text = (await reply()).message.text
    assert said(here) == said(there) == text
    # Not only at the end: word by word.
    assert sum(frame["type"] == "reply.delta" for frame in there) > 2


async def test_a_stop_elsewhere_closes_the_upstream_socket_at_once(
    visit: Visit, process: Start, slow_sandbox: Sandbox
) -> None:
    ours, theirs = process("a"), process("b")
    receipt = await ours.ask(visit)
    await until(lambda: slow_sandbox.open_streams)
    await asyncio.sleep(0.3)
    stopped = await db.write(reply_stop, conversation=receipt.conversation, position=2)
    theirs.runs.stop(stopped)
    assert await until(lambda: not slow_sandbox.open_streams) < 1.0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (found := await reply()).is_open:
            await asyncio.sleep(0.02)
    assert (found.status, bool(found.message.text)) == ("stopped", True)


async def test_without_any_hint_sockets_and_stops_come_through_the_database(
    visit: Visit, process: Start, slow_sandbox: Sandbox, lonely_keys: Keys
) -> None:
    ours, theirs = process("a"), process("b", lonely_keys)
    receipt = await ours.ask(visit)
    there = await theirs.open(receipt.conversation)
    await until(lambda: said(there))  # from a checkpoint
    stopped = await db.write(reply_stop, conversation=receipt.conversation, position=2)
    theirs.runs.stop(stopped)
    assert await until(lambda: not slow_sandbox.open_streams) < 1.5
    assert await until(lambda: ended(there)) < 1.5


async def test_what_a_process_lets_go_another_takes_up_without_waiting(
    visit: Visit, process: Start, slow_sandbox: Sandbox
) -> None:
    ours, theirs = process("a"), process("b")
    receipt = await ours.ask(visit)
    there = await theirs.open(receipt.conversation)
    await until(lambda: said(there))
    slow_sandbox.pace = Pace(first_seconds=0, word_seconds=0)
    await ours.runs.drain(0)
    await until(lambda: ended(there))
    found = await reply()
    assert (found.status, found.owner, found.attempt) == ("complete", "b", 2)
    assert said(there) == found.message.text


async def test_a_foreign_stream_under_our_name_does_not_cost_the_reply(
    visit: Visit, process: Start, redis: Redis, keys: Keys, slow_sandbox: Sandbox
) -> None:
    ours, theirs = process("a"), process("b")
    receipt = await ours.ask(visit)
    there = await theirs.open(receipt.conversation)
    await until(lambda: said(there))
    assert receipt.claim
    await redis.xadd(keys.reply(receipt.claim.reply), {"offset": 0, "text": ""}, id="1-99999")
    heard = len(said(there))
    await until(lambda: len(said(there)) > heard)
    slow_sandbox.pace = Pace(first_seconds=0, word_seconds=0)
    assert (await reply()).status == "running"


async def test_a_run_that_somebody_took_over_halts_as_soon_as_it_is_fenced(
    visit: Visit, process: Start, redis: Redis, keys: Keys, slow_sandbox: Sandbox
) -> None:
    ours = process("a")
    receipt = await ours.ask(visit)
    await until(lambda: slow_sandbox.open_streams)
    assert receipt.claim
    await db.write(lambda: Reply.objects.update(owner="b", attempt=2))
    await redis.xadd(keys.reply(receipt.claim.reply), {"offset": 0, "text": ""}, id="2-1")
    assert await until(lambda: not slow_sandbox.open_streams) < 1.0
    assert (await reply()).status == "running"
