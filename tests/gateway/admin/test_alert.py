"""Operators set alerts, add recipients and test them; secrets and words of others stay out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from gateway.alerts.recipients import secret_open
from gateway.models import AlertNotice, AlertRecipient, AlertRule
from tests.admin_world import World
from tests.free_port import port_free
from tests.smtp_server import mail_server, mailed_through

RULES, RECIPIENTS = "/admin/gateway/alertrule/", "/admin/gateway/alertrecipient/"
SECRET = "canary-secret-0123456789"
HOOK = {
    "name": "Pager",
    "channel": "webhook",
    "address": "https://hooks.example/T0/path-canary",
    "secret": SECRET,
    "is_active": "on",
}


@pytest.fixture
def hook() -> Iterator[tuple[str, list[bytes]]]:
    """A real HTTP server in a thread, with what it got."""
    got: list[bytes] = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", got
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_a_webhook_is_added_and_its_secret_shown_to_nobody(world: World) -> None:
    client = world.client("operator")
    assert client.post(f"{RECIPIENTS}add/", HOOK).status_code == 302
    hook = AlertRecipient.objects.get(name="Pager")
    assert secret_open(hook) == SECRET
    pages = [RULES, RECIPIENTS, f"{RECIPIENTS}{hook.pk}/test/", f"{RECIPIENTS}{hook.pk}/change/"]
    for page in pages:
        html = client.get(page).content.decode()
        assert SECRET not in html
        assert hook.sealed_secret not in html
        assert ("path-canary" in html) == page.endswith("change/")


def test_saved_without_a_secret_the_old_one_stays_while_the_address_does(world: World) -> None:
    client = world.client("operator")
    client.post(f"{RECIPIENTS}add/", HOOK)
    page = f"{RECIPIENTS}{AlertRecipient.objects.get(name='Pager').pk}/change/"
    assert client.post(page, HOOK | {"name": "Phone", "secret": ""}).status_code == 302
    assert secret_open(AlertRecipient.objects.get(name="Phone")) == SECRET
    moved = client.post(page, HOOK | {"address": "https://hooks.example/2", "secret": ""})
    assert "Enter a secret of 16 characters" in moved.content.decode()
    assert AlertRecipient.objects.get(name="Phone").address == HOOK["address"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"secret": ""}, "Enter a secret of 16 characters or more."),
        ({"secret": "short"}, "at least 16 characters"),
        ({"address": "http://hooks.example/"}, "begins with https://"),
        ({"address": "https://10.0.0.5/"}, "must be allowed below"),
        ({"address": "https://user:word@hooks.example/"}, "no name or password"),
        ({"channel": "mail", "address": "nobody"}, "Enter a valid email address."),
    ],
)
def test_what_could_reach_nobody_is_refused_with_a_reason(
    world: World, changes: dict[str, str], message: str
) -> None:
    answer = world.client("operator").post(f"{RECIPIENTS}add/", HOOK | changes)
    assert message in answer.content.decode()
    assert not AlertRecipient.objects.filter(name="Pager").exists()


@pytest.mark.django_db(transaction=True)
def test_a_test_arrives_and_the_page_says_so(hook: tuple[str, list[bytes]], world: World) -> None:
    url, got = hook
    client = world.client("operator")
    client.post(f"{RECIPIENTS}add/", HOOK | {"address": url, "is_private": "on"})
    page = f"{RECIPIENTS}{AlertRecipient.objects.get(name='Pager').pk}/test/"
    answer = client.post(page, follow=True).content.decode()
    assert "The test was sent to Pager." in answer
    assert "Arrived" in answer
    [body] = got
    assert json.loads(body)["event"] == "test"


@pytest.mark.django_db(transaction=True)
def test_a_test_that_fails_says_why_and_is_not_tried_again(world: World) -> None:
    client = world.client("operator")
    address = f"http://127.0.0.1:{port_free()}/"
    client.post(f"{RECIPIENTS}add/", HOOK | {"address": address, "is_private": "on"})
    page = f"{RECIPIENTS}{AlertRecipient.objects.get(name='Pager').pk}/test/"
    answer = client.post(page, follow=True).content.decode()
    assert "It did not arrive. Nobody answers at that address." in answer
    notice = AlertNotice.objects.get()
    assert (notice.due_at, notice.error) == (None, "unreachable")


@pytest.mark.django_db(transaction=True)
def test_a_test_by_mail_arrives_and_a_refused_login_is_named(
    world: World, settings: Settings
) -> None:
    client = world.client("operator")
    page = f"{RECIPIENTS}{world.recipient.pk}/test/"
    with mail_server(accounts={"ops": "word"}) as mail:
        mailed_through(settings, mail.url)
        assert "The test was sent to" in client.post(page, follow=True).content.decode()
        mailed_through(settings, mail.url.replace("word", "wort"))
        answer = client.post(page, follow=True).content.decode()
    assert "It did not arrive. The mail server refused the name and password" in answer
    [letter] = mail.letters
    assert letter.recipients == (world.recipient.address,)


def test_a_rule_is_changed_within_its_bounds(world: World) -> None:
    client = world.client("operator")
    page = f"{RULES}{world.alert.pk}/change/"
    values = {"is_active": "on", "threshold": "90", "bad_minutes": "3", "good_minutes": "4"}
    assert client.post(page, values).status_code == 302
    rule = AlertRule.objects.get(pk=world.alert.pk)
    assert (rule.threshold, rule.bad_minutes, rule.good_minutes) == (90, 3, 4)
    assert (
        "less than or equal to 100"
        in client.post(page, values | {"threshold": "101"}).content.decode()
    )


def test_a_rule_without_a_number_asks_for_none(world: World) -> None:
    rule = AlertRule.objects.create(kind="all_keys_resting")
    html = world.client("operator").get(f"{RULES}{rule.pk}/change/").content.decode()
    assert "id_threshold" not in html
    assert "id_bad_minutes" in html


def test_a_recipient_is_deleted_with_what_was_sent_to_it(world: World) -> None:
    AlertNotice.objects.create(recipient=world.recipient, event="test")
    page = f"{RECIPIENTS}{world.recipient.pk}/delete/"
    assert world.client("operator").post(page, {"post": "yes"}).status_code == 302
    assert not AlertNotice.objects.exists()
    assert not AlertRecipient.objects.exists()
