"""Messages arrive over real sockets, signed, once each; what fails says why and nothing more."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from aiohttp import web
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from gateway.alerts import channels
from gateway.alerts.channels import webhook_fault
from gateway.alerts.delivery import WAITS, notices_claim, notices_deliver
from gateway.alerts.recipients import recipient_save, secret_open, secrets_kept
from gateway.db import db
from gateway.models import AlertNotice, AlertRecipient
from tests.free_port import port_free

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "a-secret-of-the-webhook"


class Receiver:
    """A real HTTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.wait_seconds = 0.0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.headers, await request.read()))
        await asyncio.sleep(self.wait_seconds)
        return web.Response(status=self.status, headers=self.headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    yield receiver
    await runner.cleanup()


def _hook(url: str, *, is_private: bool = True, secret: str = SECRET) -> AlertRecipient:
    recipient = AlertRecipient(
        name="On call", channel="webhook", address=url, is_private=is_private
    )
    return recipient_save(recipient=recipient, secret=secret)


def _notice(recipient: AlertRecipient) -> AlertNotice:
    return AlertNotice.objects.create(
        recipient=recipient,
        event="fired",
        kind="success_rate",
        value=91.5,
        threshold=95,
        due_at=timezone.now(),
    )


async def sent(recipient: AlertRecipient) -> AlertNotice:
    """Return a message after one round of delivery."""
    notice = await db.write(_notice, recipient)
    await notices_deliver()
    return await db(AlertNotice.objects.get, pk=notice.pk)


async def test_a_webhook_gets_what_is_documented_signed(receiver: Receiver) -> None:
    notice = await sent(await db.write(_hook, receiver.url))
    assert (notice.error, notice.due_at, notice.tries) == ("", None, 1)
    assert notice.sent_at is not None
    [(headers, body)] = receiver.got
    stamp, _, digest = headers["X-Chatsite-Signature"].partition(",v1=")
    seconds = stamp.removeprefix("t=")
    signed = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    assert digest == signed.hexdigest()
    assert abs(int(seconds) - timezone.now().timestamp()) < 60
    assert SECRET.encode() not in body
    assert json.loads(body) == {
        "id": str(notice.pk),
        "event": "fired",
        "alert": "success_rate",
        "about": "",
        "value": 91.5,
        "threshold": 95,
        "at": notice.at.isoformat(),
        "text": "Only 91.5 % of calls succeed; it should be 95 % or more.",
        "url": "http://127.0.0.1:8000/admin/gateway/dashboard/",
    }


async def test_what_arrived_is_not_sent_again(receiver: Receiver) -> None:
    await sent(await db.write(_hook, receiver.url))
    assert await notices_deliver() == 0
    assert len(receiver.got) == 1


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": receiver.url + "/elsewhere"}
    notice = await sent(await db.write(_hook, receiver.url))
    assert (notice.error, len(receiver.got)) == ("http_307", 1)


async def test_one_that_fails_is_tried_a_few_times_and_then_no_more(receiver: Receiver) -> None:
    receiver.status = 500
    notice = await sent(await db.write(_hook, receiver.url))
    due = []
    while notice.due_at is not None:
        due.append(notice.due_at)
        await db.write(AlertNotice.objects.filter(pk=notice.pk).update, due_at=timezone.now())
        await notices_deliver()
        notice = await db(AlertNotice.objects.get, pk=notice.pk)
    assert (len(due), notice.tries, len(receiver.got)) == (len(WAITS), 5, 5)
    assert (notice.error, notice.sent_at) == ("http_500", None)


async def test_one_that_takes_too_long_is_given_up(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "SECONDS", 0.2)
    receiver.wait_seconds = 5
    assert (await sent(await db.write(_hook, receiver.url))).error == "timeout"


async def test_one_where_nobody_listens_says_so(receiver: Receiver) -> None:
    hook = await db.write(_hook, f"http://127.0.0.1:{port_free()}/hook")
    assert (await sent(hook)).error == "unreachable"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "[::1]"]
)
async def test_an_internal_address_is_not_called_unless_that_was_meant(
    receiver: Receiver, host: str
) -> None:
    url = receiver.url.replace("127.0.0.1", host)
    for scheme in ("http", "https"):
        hook = await db.write(_hook, url.replace("http", scheme), is_private=False)
        assert (await sent(hook)).error == "address"
    assert receiver.got == []


def test_http_is_for_loopback_alone(settings: Settings) -> None:
    assert webhook_fault("http://127.0.0.1/x", is_private=True) is None
    assert webhook_fault("https://hooks.example/x", is_private=False) is None
    assert webhook_fault("http://10.0.0.5/x", is_private=True)
    assert webhook_fault("http://hooks.example/x", is_private=False)
    assert webhook_fault("https://user:word@hooks.example/x", is_private=False)
    assert webhook_fault("https://10.0.0.5/x", is_private=False)
    settings.DEBUG = True
    assert webhook_fault("http://10.0.0.5/x", is_private=False) is None


def test_a_secret_is_sealed_for_its_address_and_lost_with_it() -> None:
    hook = _hook("https://hooks.example/one")
    assert SECRET not in hook.sealed_secret
    assert secret_open(hook) == SECRET
    [kept] = secrets_kept()
    assert (kept.reseal(), "On call" in kept.name) == (False, True)
    hook.address = "https://elsewhere.example/two"
    assert secret_open(hook) == ""
    assert recipient_save(recipient=hook).sealed_secret == ""


async def test_a_webhook_without_a_secret_is_not_called(receiver: Receiver) -> None:
    assert (await sent(await db.write(_hook, receiver.url, secret=""))).error == "no_secret"
    assert receiver.got == []


def test_processes_that_claim_at_the_same_moment_send_each_message_once() -> None:
    recipient = recipient_save(recipient=AlertRecipient(name="On call", address="ops@shop.example"))
    for _ in range(12):
        _notice(recipient)
    start = threading.Barrier(4)
    now = timezone.now() + timedelta(seconds=1)

    def claim(_: int) -> list[AlertNotice]:
        start.wait()
        try:
            return notices_claim(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = [notice.pk for mine in pool.map(claim, range(4)) for notice in mine]
    assert sorted(claimed) == sorted(AlertNotice.objects.values_list("pk", flat=True))
