import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest

from conversations.chat import runs as runs_module
from conversations.chat.pokes import Pokes
from conversations.chat.runs import Runs
from conversations.chat.services import Receipt, Visit, message_receive
from conversations.chat.streamlog import MemoryStreamLog
from conversations.models import Message, Reply
from gateway.db import db
from gateway.sandbox.server import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]

QUESTION = "When do you open?"
PATIENCE_SECONDS = 20.0


@pytest.fixture
async def process() -> AsyncIterator[Callable[[str], Runs]]:
    """Return a function that starts what a process has: runs of its own."""
    started: list[Runs] = []

    def start(owner: str) -> Runs:
        started.append(Runs(owner, MemoryStreamLog(), Pokes()))
        return started[-1]

    yield start
    for runs in started:
        await runs.drain(0)


async def ask(visit: Visit, runs: Runs, text: str = QUESTION) -> Receipt:
    receipt = await db.write(
        message_receive,
        visit=visit,
        conversation=None,
        client_id=uuid4(),
        text=text,
        owner=runs.hungry_owner,
    )
    runs.call(receipt.conversation, receipt.claim)
    return receipt


async def reply() -> Reply:
    return await db(lambda: Reply.objects.select_related("message").get())


async def until(is_so: Callable[[Reply], Any]) -> Reply:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so(found := await reply()):
            await asyncio.sleep(0.02)
    return found


Process = Callable[[str], Runs]


async def test_a_stream_that_breaks_is_begun_again_once_and_then_interrupted(
    visit: Visit, process: Process, sandbox: Sandbox
) -> None:
    await ask(visit, process("a"), "/fault cut 3")
    found = await until(lambda reply: not reply.is_open)
    assert (found.status, found.error_code, found.attempt) == ("interrupted", "stream_broken", 2)
    assert len(found.message.text.split()) == 3
    assert sandbox.open_streams == 0


async def test_what_was_said_is_saved_while_it_runs(
    visit: Visit, process: Process, slow_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_module, "CHECKPOINT_SECONDS", 0.05)
    await ask(visit, process("a"))
    found = await until(lambda reply: reply.message.text)
    assert found.status == "running"


async def test_a_drained_process_finishes_what_it_can(visit: Visit, process: Process) -> None:
    runs = process("a")
    await ask(visit, runs)
    await runs.drain(PATIENCE_SECONDS)
    assert (await reply()).status == "complete"


async def test_what_a_drained_process_cannot_finish_another_answers(
    visit: Visit, process: Process, slow_sandbox: Sandbox
) -> None:
    old = process("old")
    receipt = await ask(visit, old)
    await asyncio.sleep(0.3)
    await old.drain(0)
    released = await reply()
    assert (released.status, released.owner) == ("running", "old")
    assert released.message.text
    assert slow_sandbox.open_streams == 0

    slow_sandbox.pace = type(slow_sandbox.pace)(first_seconds=0, word_seconds=0)
    new = process("new")
    new.call(receipt.conversation)
    found = await until(lambda reply: not reply.is_open)
    assert (found.status, found.owner, found.attempt) == ("complete", "new", 2)


async def test_a_draining_process_begins_nothing(visit: Visit, process: Process) -> None:
    runs = process("a")
    await runs.drain(0)
    receipt = await ask(visit, runs)
    assert receipt.claim is None
    assert (await reply()).status == "queued"


async def test_a_reply_that_somebody_took_over_is_left_alone(
    visit: Visit, process: Process, slow_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_module, "CHECKPOINT_SECONDS", 0.05)
    await ask(visit, process("a"))
    await until(lambda reply: reply.message.text)
    await db.write(lambda: Reply.objects.update(owner="b", attempt=2))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while slow_sandbox.open_streams:
            await asyncio.sleep(0.02)
    text = (await reply()).message.text
    await asyncio.sleep(0.3)
    assert ((await reply()).message.text, (await reply()).status) == (text, "running")


async def test_history_reaches_the_model(visit: Visit, process: Process, sandbox: Sandbox) -> None:
    runs = process("a")
    receipt = await ask(visit, runs, "Hello")
    await until(lambda reply: not reply.is_open)
    second = await db.write(
        message_receive,
        visit=visit,
        conversation=receipt.conversation,
        client_id=uuid4(),
        text=QUESTION,
        owner="a",
    )
    runs.call(second.conversation, second.claim)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await db(lambda: Reply.objects.filter(status="complete").count()) < 2:
            await asyncio.sleep(0.02)
    tokens = await db(lambda: list(Reply.objects.values_list("prompt_tokens", flat=True)))
    first, second_tokens = (count or 0 for count in tokens)
    assert second_tokens > first > 0
    assert await db(Message.objects.count) == 4


async def test_in_a_rush_messages_are_accepted_before_answers_begin(
    visit: Visit, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    go_on = asyncio.Event()

    async def calm(patience_seconds: float) -> None:
        asked.append(patience_seconds)
        await go_on.wait()

    monkeypatch.setattr(db, "calm", calm)
    await ask(visit, process("ours"))
    await asyncio.sleep(0.1)
    assert (await reply()).message.text == ""
    assert asked == [runs_module.CALM_SECONDS]
    go_on.set()
    assert (await until(lambda found: not found.is_open)).status == "complete"
