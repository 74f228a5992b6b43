"""The team is written to over real sockets, once for each message, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings

from conversations.chat.services import Visit
from conversations.models import Offer, TeamMessage, Widget
from conversations.team.mail import BATCH, WAITS, team_mail_claim, team_mail_deliver
from conversations.team.services import Letter, team_message_close, team_message_leave
from gateway.db import db
from tests.gateway.chatting import database_url
from tests.smtp_server import mail_server, mailed_through
from tests.smtp_session import MailServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]

CANARY = "canary-of-the-customer"
TEAM = ["kim@shop.example", "lee@shop.example"]


@pytest.fixture
def widget(widget: Widget) -> Widget:
    widget.team_offers = [Offer.ALWAYS]
    widget.team_recipients = TEAM
    widget.save()
    return widget


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        mailed_through(settings, server.url)
        yield server


def leave(visit: Visit) -> Any:
    letter = Letter(id=uuid4(), name=CANARY, email=f"{CANARY}@example.org", text=CANARY)
    return team_message_leave(visit=visit, conversation=None, letter=letter, now=timezone.now())


def row() -> TeamMessage:
    return TeamMessage.objects.get()


def make_due() -> None:
    TeamMessage.objects.filter(mail_due_at__isnull=False).update(mail_due_at=timezone.now())


async def test_a_mail_leads_to_the_conversation_and_tells_nothing_of_it(
    visit: Visit, server: MailServer, settings: Settings
) -> None:
    conversation = await db.write(leave, visit)
    assert await team_mail_deliver() == 1
    [letter] = server.letters
    assert letter.recipients == tuple(TEAM)
    text = letter.message.get_content()
    address = f"/admin/conversations/conversation/{conversation}/change/#team"
    assert f"{settings.SITE_URL}{address}" in text
    assert CANARY not in letter.data.decode()
    assert (await db(row)).mailed_at is not None
    assert await team_mail_deliver() == 0
    assert len(server.letters) == 1


async def test_what_the_server_does_not_take_is_tried_again_until_it_does(
    visit: Visit, server: MailServer
) -> None:
    await db.write(leave, visit)
    server.replies["RCPT"] = "550 No such mailbox: canary"
    for tries in range(1, len(WAITS) + 3):
        await db.write(make_due)
        began = timezone.now()
        assert await team_mail_deliver() == 0
        message = await db(row)
        assert (message.mail_tries, message.mail_error) == (tries, "mail_address")
        assert message.mail_due_at is not None
        wait = WAITS[min(tries, len(WAITS)) - 1]
        assert message.mail_due_at - began >= wait - timedelta(seconds=1)
    server.replies.clear()
    await db.write(make_due)
    assert await team_mail_deliver() == 1
    assert len(server.letters) == 1
    assert (await db(row)).mail_error == ""


async def test_a_mail_server_that_says_nothing_keeps_nobody_else_waiting(
    visit: Visit, server: MailServer
) -> None:
    for _ in range(BATCH):
        await db.write(leave, replace(visit, visitor=uuid4()))
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(2))  # providers' names are looked up there
    server.silent_at = "CONNECT"
    sending = asyncio.create_task(team_mail_deliver())
    await asyncio.sleep(0.5)
    assert not sending.done()
    await asyncio.wait_for(loop.getaddrinfo("localhost", 443), timeout=2)
    server.closing.set()
    assert await sending == 0


async def test_a_message_that_is_closed_needs_no_mail(visit: Visit, server: MailServer) -> None:
    conversation = await db.write(leave, visit)

    def close() -> bool:
        by = User.objects.create(username="kim")
        return team_message_close(
            message=row().pk, conversation=conversation, note="", by=by, now=timezone.now()
        )

    assert await db.write(close)
    assert await team_mail_deliver() == 0
    assert server.letters == []


async def test_a_site_without_a_mail_server_keeps_it_and_says_so(
    visit: Visit, settings: Settings
) -> None:
    settings.EMAIL_URL = ""
    await db.write(leave, visit)
    assert await team_mail_deliver() == 0
    message = await db(row)
    assert (message.mail_error, message.closed_at) == ("no_mail_server", None)


def test_of_two_claims_one_wins(visit: Visit) -> None:
    leave(visit)
    now = timezone.now()
    assert [len(team_mail_claim(now)), len(team_mail_claim(now))] == [1, 0]


def _die(deed: str) -> None:
    done = subprocess.run(  # noqa: S603 - the arguments are the test's own
        [sys.executable, "-m", "tests.conversations.team.dying_process", deed],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_URL": database_url(),
            "DATABASE_URL": database_url(),
        },
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


async def test_a_process_killed_after_the_commit_leaves_the_mail_to_another(
    widget: Widget, server: MailServer
) -> None:
    _die("leave")
    assert await team_mail_deliver() == 1
    assert len(server.letters) == 1


async def test_a_process_killed_while_it_sends_leaves_it_due(
    visit: Visit, server: MailServer
) -> None:
    await db.write(leave, visit)
    _die("claim")
    assert await team_mail_deliver() == 0  # it may be under way
    await db.write(make_due)
    assert await team_mail_deliver() == 1
