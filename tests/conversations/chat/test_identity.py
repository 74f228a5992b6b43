"""Signed-in customers over real sockets: the same history everywhere, and never anybody else's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from conversations.identity.secrets import signing_secret_add, signing_secret_retire
from conversations.models import Conversation, Customer, Message, SigningSecret, Widget
from gateway.db import db
from tests.conversations.chat.client import QUESTION, Connect, closed, first, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]


async def test_the_welcome_says_who_is_signed_in(
    connect: Connect, identity: Callable[..., str]
) -> None:
    welcome = first(await connect(identity=identity()))
    customer = await db(Customer.objects.get)
    said_of_them = [welcome[name] for name in ("verified", "customer", "name")]
    assert said_of_them == [True, str(customer.pk), "Ada"]
    assert 3590 <= welcome["session_seconds"] <= 3600
    assert welcome["session"]
    assert welcome["token"]


async def test_nobody_is_signed_in_without_a_word_of_the_website(connect: Connect) -> None:
    welcome = first(await connect())
    signed_in = ("verified", "customer", "name", "session", "session_seconds", "joinable")
    assert [welcome[name] for name in signed_in] == [False, None, "", None, None, False]


async def test_a_customer_has_the_same_history_on_every_device(
    connect: Connect, identity: Callable[..., str]
) -> None:
    here = await connect(identity=identity())
    await said(here)
    there = await connect(identity=identity())
    assert there.conversation == here.conversation
    assert there.messages == here.messages
    await there.send("Thank you")
    await here.until_status(4, "complete")


@pytest.mark.parametrize("has_history", [False, True])
async def test_a_message_whose_receipt_got_lost_while_signing_in_is_not_stored_twice(
    connect: Connect, identity: Callable[..., str], *, has_history: bool
) -> None:
    anonymous = await connect()
    if has_history:
        await said(await connect(identity=identity()))
        await said(anonymous)
    message = await anonymous.send("Do you open on Sundays?")
    await anonymous.until("accepted")
    count = await db(Message.objects.count)
    customer = await connect(anonymous, identity=identity(), conversation="latest")
    await customer.send("Do you open on Sundays?", message)
    error = await customer.until("error")
    assert (error["code"], error["id"]) == ("kept_elsewhere", message)
    assert await db(Message.objects.count) == count


async def test_nor_is_one_whose_receipt_got_lost_while_nobody_vouched_any_longer(
    connect: Connect, identity: Callable[..., str]
) -> None:
    customer = await connect(identity=identity())
    message = await customer.send(QUESTION)
    await customer.until("accepted")
    again = await connect(customer)
    await again.send(QUESTION, message)
    assert (await again.until("error"))["code"] == "kept_elsewhere"
    assert await db(Message.objects.count) == 2


async def test_the_session_stands_for_the_websites_word(
    connect: Connect, identity: Callable[..., str]
) -> None:
    here = await connect(identity=identity())
    await said(here)
    again = await connect(here, session=first(here)["session"])
    assert again.messages == here.messages
    assert first(again)["session"] == first(here)["session"]
    assert first(again)["name"] == "Ada"


async def test_the_browser_alone_does_not_show_the_customers_history(
    connect: Connect, identity: Callable[..., str]
) -> None:
    here = await connect(identity=identity())
    await said(here)
    signed_out = await connect(here)
    assert signed_out.messages == {}
    named = await connect(here, conversation=here.conversation)
    assert first(named)["code"] == "unknown_conversation"


async def test_another_customer_sees_nothing_of_it(
    connect: Connect, identity: Callable[..., str]
) -> None:
    here = await connect(identity=identity())
    await said(here)
    other = await connect(here, identity=identity("8"))
    assert other.messages == {}
    named = await connect(here, identity=identity("8"), conversation=here.conversation)
    assert first(named)["code"] == "unknown_conversation"


@pytest.mark.parametrize(
    ("claims", "code", "hint"),
    [
        (lambda: {"exp": 1}, "identity_expired", "The token ended"),
        (lambda: {"exp": time.time() + 90_000}, "identity_invalid", '"exp" lies'),
        (lambda: {"iat": time.time() + 900}, "identity_not_yet_valid", "the clock of the server"),
        (lambda: {"sub": ""}, "identity_invalid", '"sub"'),
        (lambda: {"aud": "elsewhere"}, "identity_invalid", '"aud"'),
    ],
)
async def test_a_word_that_is_not_believed_is_told_to_both_and_closes_the_socket(
    connect: Connect,
    identity: Callable[..., str],
    claims: Callable[[], dict[str, Any]],
    code: str,
    hint: str,
) -> None:
    client = await connect(identity=identity(**claims()))
    error = first(client)
    assert (error["type"], error["code"]) == ("error", code)
    assert hint in error["hint"]
    assert "sign in" in error["text"] or "moment" in error["text"]
    assert await closed(client) == 4403
    assert not await db(Customer.objects.exists)


async def test_a_retired_secrets_word_is_not_believed(
    connect: Connect, identity: Callable[..., str], widget: Widget
) -> None:
    def replace() -> None:
        signing_secret_add(widget=widget)
        signing_secret_retire(secret=SigningSecret.objects.earliest("pk"))

    await connect(identity=identity())
    await db.write(replace)
    assert first(await connect(identity=identity()))["code"] == "identity_invalid"


async def test_a_forged_session_is_not_believed(connect: Connect, secret: str) -> None:
    client = await connect(session="forged")
    assert first(client)["code"] == "identity_invalid"
    assert await closed(client) == 4403


async def test_other_errors_carry_no_hint(connect: Connect) -> None:
    client = await connect(token="forged")
    assert "hint" not in first(client)


async def test_a_widget_for_signed_in_customers_takes_nothing_from_others(
    connect: Connect, identity: Callable[..., str], widget: Widget
) -> None:
    await db.write(Widget.objects.update, is_verified_only=True)
    client = await connect()
    assert first(client)["code"] == "identity_required"
    assert first(client)["text"] == "Please sign in on this website to chat with us."
    assert await closed(client) == 4403
    signed_in = await connect(identity=identity())
    await said(signed_in)
    assert await db(Conversation.objects.filter(customer=None).exists) is False
