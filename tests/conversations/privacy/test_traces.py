"""After the sweep, no byte of what was erased stands in SQLite's file or its journal."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection

from conversations.chat.leases import Ending, reply_end
from conversations.chat.pokes import Pokes
from conversations.chat.runs import Runs
from conversations.chat.services import Visit, message_receive
from conversations.chat.streamlog import MemoryStreamLog
from conversations.models import Conversation, Note, ReplyStatus
from conversations.privacy import traces
from conversations.privacy.erasure import conversation_forget
from conversations.privacy.traces import REST, Traces, sweep
from gateway.db import db
from tests.database_file import contents

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="it looks into SQLite's file"),
]

# Long, so that it fills pages of its own, which erasing sets free.
CANARY = "canarysong"
LONG = f"{CANARY} " * 2000


def talk(visit: Visit, text: str) -> UUID:
    receipt = message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text=text[:3000], owner="process-1"
    )
    assert receipt.claim
    reply_end(receipt.claim, Ending(status=ReplyStatus.COMPLETE, text=text))
    Note.objects.create(
        conversation=Conversation.objects.get(pk=receipt.conversation), text=text[:4000]
    )
    return receipt.conversation


def held(canary: str = CANARY) -> bool:
    return any(canary.encode() in content for _path, content in contents())


async def test_no_byte_of_it_is_left(visit: Visit) -> None:
    gone = await db.write(talk, visit, LONG)
    for number in range(30):
        await db.write(talk, visit, f"other words {number}")
    assert await db(held)
    await conversation_forget(gone, Runs("ours", MemoryStreamLog(), Pokes()))
    assert await db(held)  # or there would be nothing to sweep
    assert await sweep()
    assert not await db(held)
    assert await db(held, "other words 29")


async def test_what_does_not_succeed_stays_due(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [False, True]

    async def busy() -> bool:
        return answers.pop(0)

    monkeypatch.setattr(traces, "sweep", busy)
    ours = Traces(clock=lambda: 0.0)
    assert not await ours.sweep_due()
    assert await ours.sweep_due()
    assert answers == []


async def test_it_sweeps_only_after_something_was_erased_and_rests_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, swept = 0.0, 0

    async def counted() -> bool:
        nonlocal swept, now
        swept += 1
        now += 2.0
        return True

    monkeypatch.setattr(traces, "sweep", counted)
    ours = Traces(clock=lambda: now)
    for _ in range(3):
        assert await ours.sweep_due()
    assert swept == 1
    ours.leave()
    now += REST * 2.0 - 1
    assert not await ours.sweep_due()
    now += 2
    assert await ours.sweep_due()
    assert swept == 2


def test_the_settings_overwrite_what_is_deleted() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone()[0] == 1
    assert "secure_delete=ON" in settings.DATABASES["default"]["OPTIONS"]["init_command"]
