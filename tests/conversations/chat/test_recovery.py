import asyncio
from uuid import uuid4

import pytest
from pytest_django import Settings

from conversations.chat.recovery import replies_inherit, replies_recover
from conversations.chat.runs import runs
from conversations.chat.services import Visit, message_receive
from conversations.models import Reply
from gateway.db import db

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]

PATIENCE_SECONDS = 20.0


async def left_behind(visit: Visit) -> None:
    """Leave what a process leaves that was killed a moment ago: a lease that still holds."""
    await db.write(
        message_receive,
        visit=visit,
        conversation=None,
        client_id=uuid4(),
        text="When do you open?",
        owner="killed",
    )


async def reply() -> Reply:
    return await db(Reply.objects.get)


async def ended() -> Reply:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (found := await reply()).is_open:
            await asyncio.sleep(0.02)
    return found


async def test_a_process_that_is_alone_takes_up_at_once_what_the_last_one_left(
    visit: Visit,
) -> None:
    await left_behind(visit)
    await replies_inherit()
    found = await ended()
    assert (found.status, found.owner, found.attempt) == ("complete", runs().owner, 2)


async def test_among_several_processes_a_lease_holds(visit: Visit, settings: Settings) -> None:
    settings.PROCESSES = 2
    await left_behind(visit)
    await replies_inherit()
    await asyncio.sleep(0.2)
    assert (await reply()).owner == "killed"


async def test_what_runs_here_is_left_alone(visit: Visit) -> None:
    await left_behind(visit)
    owner = runs().owner
    await db.write(lambda: Reply.objects.update(owner=owner))
    await replies_inherit()
    await replies_recover()
    await asyncio.sleep(0.2)
    assert (await reply()).attempt == 1
