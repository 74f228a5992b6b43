"""Mails are handed to a real mail server; what it refuses is told apart, and tried again."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

import pytest
from django.conf import settings as site
from django.utils import timezone
from pytest_django.fixtures import Settings

from gateway.alerts.delivery import WAITS, notices_deliver
from gateway.alerts.recipients import recipient_save
from gateway.db import db
from gateway.models import AlertNotice, AlertRecipient
from tests.certificate import tls_make
from tests.free_port import port_free
from tests.smtp_server import mail_server, mailed_through
from tests.smtp_session import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNT = {"ops@site": "a pass:word/of@ours"}


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS, which this process trusts."""
    context, trusted = tls_make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    return context


def _notice() -> AlertNotice:
    recipient = AlertRecipient(name="On call", address="ops@shop.example")
    return AlertNotice.objects.create(
        recipient=recipient_save(recipient=recipient),
        event="fired",
        kind="success_rate",
        value=91.5,
        threshold=95,
        due_at=timezone.now(),
    )


async def sent() -> AlertNotice:
    """Return a message after one round of delivery."""
    notice = await db.write(_notice)
    await notices_deliver()
    return await db(AlertNotice.objects.get, pk=notice.pk)


async def test_a_mail_arrives_in_the_site_s_language(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "zh-hans"
    with mail_server() as mail:
        mailed_through(settings, mail.url)
        notice = await sent()
    assert (notice.error, notice.due_at) == ("", None)
    [letter] = mail.letters
    assert (letter.sender, letter.recipients) == ("chatsite@127.0.0.1", ("ops@shop.example",))
    message = letter.message
    assert message["Subject"].strip().startswith("[Chatsite] 只有")
    assert "91.5" in message["Subject"]
    assert message["Message-ID"] == f"<{notice.pk}@127.0.0.1>"
    assert f"{site.SITE_URL}/admin/gateway/dashboard/" in message.get_content()


async def test_a_password_goes_out_under_tls_alone(settings: Settings, tls: ssl.SSLContext) -> None:
    with mail_server(accounts=ACCOUNT, tls=tls) as mail:
        mailed_through(settings, mail.url)
        assert (await sent()).error == ""
    [letter] = mail.letters
    assert (letter.is_private, letter.user) == (True, "ops@site")
    assert mail.commands.index("STARTTLS") < mail.commands.index("AUTH")


async def test_a_server_that_offers_no_tls_is_told_nothing(settings: Settings) -> None:
    with mail_server(accounts=ACCOUNT) as mail:
        mailed_through(settings, mail.url.replace("smtp:", "smtp+tls:"))
        assert (await sent()).error == "mail"
    assert "AUTH" not in mail.commands
    assert mail.letters == []


async def test_a_server_that_nobody_vouches_for_is_told_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    context, _ = tls_make(tmp_path)
    with mail_server(accounts=ACCOUNT, tls=context) as mail:
        mailed_through(settings, mail.url)
        assert (await sent()).error == "mail"
    assert "AUTH" not in mail.commands


async def test_a_wrong_password_is_said_to_be_one(settings: Settings) -> None:
    with mail_server(accounts=ACCOUNT) as mail:
        url = mail.url.replace("word", "wort")
        mailed_through(settings, url)
        notice = await sent()
    assert notice.error == "mail_login"
    assert notice.due_at is not None


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"RCPT": "550 5.1.1 ops@shop.example is nobody here"}, "mail_address"),
        ({"MAIL": "452 4.3.1 Full"}, "mail"),
        ({"CONNECT": "421 4.3.2 Not now"}, "mail"),
        ({"TAKEN": "554 5.7.1 Looks like spam"}, "mail"),
    ],
)
async def test_what_a_server_refuses_is_told_apart_and_tried_again(
    settings: Settings, replies: dict[str, str], error: str
) -> None:
    with mail_server(replies=replies) as mail:
        mailed_through(settings, mail.url)
        notice = await sent()
        assert (notice.error, notice.tries, notice.sent_at) == (error, 1, None)
        mail.replies.clear()
        await db.write(AlertNotice.objects.update, due_at=timezone.now())
        assert await notices_deliver() == 1
    [letter] = mail.letters
    assert letter.message["Message-ID"].startswith(f"<{notice.pk}@")


async def test_after_the_last_try_there_is_none(settings: Settings) -> None:
    with mail_server(replies={"MAIL": "452 4.3.1 Full"}) as mail:
        mailed_through(settings, mail.url)
        notice = await sent()
        while notice.due_at is not None:
            await db.write(AlertNotice.objects.update, due_at=timezone.now())
            await notices_deliver()
            notice = await db(AlertNotice.objects.get, pk=notice.pk)
    assert (notice.tries, notice.error) == (len(WAITS) + 1, "mail")
    assert [command.split()[0] for command in mail.commands].count("MAIL") == len(WAITS) + 1


@pytest.mark.parametrize("silent_at", ["CONNECT", "EHLO", "DATA"])
async def test_a_server_that_falls_silent_is_given_up(settings: Settings, silent_at: str) -> None:
    with mail_server(silent_at=silent_at) as mail:
        mailed_through(settings, mail.url)
        settings.EMAIL_TIMEOUT = 0.3
        began = time.monotonic()
        assert (await sent()).error in {"timeout", "mail"}
        assert time.monotonic() - began < 5
    assert mail.letters == []


async def test_mail_without_a_server_says_so(settings: Settings) -> None:
    settings.EMAIL_URL = ""
    assert (await sent()).error == "no_mail_server"


async def test_mail_where_nobody_listens_says_so(settings: Settings) -> None:
    mailed_through(settings, MailServer(port=port_free()).url)
    assert (await sent()).error == "mail"
