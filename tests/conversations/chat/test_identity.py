"""Signed-in customers over real sockets: the same history everywhere, and never anybody else's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from conversations.chat.presence import endings_heed, presence
from conversations.chat.protocol import frame_read
from conversations.chat.runs import runs
from conversations.chat.session import Session
from conversations.chat.writer import SocketWriter
from conversations.errors import IdentityExpiredError
from conversations.identity.revocations import token_subjects_revoke
from conversations.identity.secrets import signing_secret_add, signing_secret_retire
from conversations.identity.tokens import visitor_token_read
from conversations.models import Conversation, Customer, Message, Revocation, SigningSecret, Widget
from gateway.db import db
from tests.conversations.chat.client import Client, Connect
from tests.conversations.identity.website import token_make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]

QUESTION = "When do you open?"


@pytest.fixture
async def secret(widget: Widget) -> str:
    return (await db.write(signing_secret_add, widget=widget)).text


@pytest.fixture
def identity(secret: str) -> Callable[..., str]:
    """Return what the website signs."""

    def sign(sub: str = "7", **claims: Any) -> str:
        return token_make(secret, **{"sub": sub, "name": "Ada", "exp": time.time() + 300, **claims})

    return sign


async def said(client: Client) -> None:
    await client.send(QUESTION)
    await client.until_status(2, "complete")


def first(client: Client) -> dict[str, Any]:
    return client.frames[0]


async def closed(client: Client) -> int:
    """Return the code with which the site has closed the socket."""
    code: int = (await client.socket.receive_output(20))["code"]
    return code


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
        ({"exp": 1}, "identity_expired", "The token ended"),
        ({"exp": time.time() + 90_000}, "identity_invalid", '"exp" lies'),
        ({"iat": time.time() + 900}, "identity_not_yet_valid", "the clock of the server"),
        ({"sub": ""}, "identity_invalid", '"sub"'),
        ({"aud": "elsewhere"}, "identity_invalid", '"aud"'),
    ],
)
async def test_a_word_that_is_not_believed_is_told_to_both_and_closes_the_socket(
    connect: Connect, identity: Callable[..., str], claims: dict[str, Any], code: str, hint: str
) -> None:
    client = await connect(identity=identity(**claims))
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


async def test_an_anonymous_history_is_offered_and_joins_when_the_customer_agrees(
    connect: Connect, identity: Callable[..., str]
) -> None:
    anonymous = await connect()
    await said(anonymous)
    signed_in = await connect(anonymous, identity=identity())
    assert (first(signed_in)["joinable"], signed_in.messages) == (True, {})
    await signed_in.tell({"type": "join"})
    joined = await signed_in.until("joined")
    assert (joined["count"], joined["conversation"]) == (1, anonymous.conversation)
    elsewhere = await connect(identity=identity())
    assert elsewhere.messages == anonymous.messages
    again = await connect(anonymous, identity=identity())
    assert (first(again)["joinable"], again.messages) == (False, anonymous.messages)
    assert (await connect(anonymous)).messages == {}


async def test_without_a_yes_it_stays_with_the_browser(
    connect: Connect, identity: Callable[..., str]
) -> None:
    anonymous = await connect()
    await said(anonymous)
    signed_in = await connect(anonymous, identity=identity())
    await said(signed_in)
    assert signed_in.conversation != anonymous.conversation
    assert (await connect(anonymous)).messages == anonymous.messages
    assert (await connect(identity=identity())).messages == signed_in.messages


async def test_who_is_not_signed_in_has_nothing_to_join(connect: Connect) -> None:
    client = await connect()
    await said(client)
    await client.tell({"type": "join"})
    joined = await client.until("joined")
    assert (joined["count"], joined["conversation"]) == (0, None)


async def test_signing_out_revokes_the_tokens_that_were_used(
    connect: Connect, identity: Callable[..., str]
) -> None:
    here, there = await connect(identity=identity()), await connect(identity=identity())
    await said(here)
    session = first(here)["session"]
    signed_out = await connect(revoke=[here.token, session])
    assert signed_out.messages == {}
    assert first(signed_out)["token"] != here.token
    assert first(await connect(here))["code"] == "invalid_token"
    assert first(await connect(session=session))["code"] == "identity_expired"
    assert (await connect(session=first(there)["session"])).messages == here.messages


async def test_what_is_given_up_is_revoked_even_if_nobody_is_let_in(
    connect: Connect, secret: str
) -> None:
    here = await connect()
    await db.write(Widget.objects.update, is_verified_only=True)
    assert first(await connect(revoke=[here.token]))["code"] == "identity_required"
    assert await db(Revocation.objects.count) == 1


@pytest.mark.parametrize("revoke", ["x", [1], [None], {}, ["x"] * 17])
async def test_what_is_given_up_is_a_short_list_of_tokens(connect: Connect, revoke: Any) -> None:
    assert first(await connect(revoke=revoke))["code"] == "invalid_frame"


async def test_a_revocation_closes_the_sockets_that_are_open(
    connect: Connect, identity: Callable[..., str], widget: Widget
) -> None:
    visitor, customer = await connect(), await connect(identity=identity())
    stranger = await connect()
    named = [
        visitor_token_read(str(visitor.token), widget.public_key),
        await db(lambda: Customer.objects.get().pk),
    ]
    await db.write(token_subjects_revoke, subjects=named, now=timezone.now())
    await endings_heed()
    assert (await visitor.until("error"))["code"] == "invalid_token"
    assert await closed(visitor) == 4401
    assert (await customer.until("error"))["code"] == "identity_expired"
    assert await closed(customer) == 4403
    await stranger.tell({"type": "ping"})
    await stranger.until("pong")


async def test_a_widget_that_becomes_for_signed_in_customers_alone_closes_the_others_sockets(
    connect: Connect, identity: Callable[..., str], widget: Widget
) -> None:
    visitor, customer = await connect(), await connect(identity=identity())
    await endings_heed()
    await said(visitor)
    await db.write(Widget.objects.filter(pk=widget.pk).update, is_verified_only=True)
    await endings_heed()
    error = await visitor.until("error")
    assert error["code"] == "identity_required"
    assert "setUser" in error["hint"]
    assert await closed(visitor) == 4403
    assert first(await connect(visitor))["code"] == "identity_required"
    await said(customer)


async def test_who_has_left_is_not_looked_for(connect: Connect) -> None:
    assert presence.is_empty
    client = await connect()
    assert not presence.is_empty
    await client.leave()
    assert presence.is_empty


async def test_an_open_socket_ends_with_its_session(
    connect: Connect, identity: Callable[..., str], settings: Settings
) -> None:
    settings.SESSION_TOKEN_MINUTES = 0.02
    client = await connect(identity=identity())
    assert (await client.until("error"))["code"] == "identity_expired"
    assert await closed(client) == 4403


async def test_no_frame_is_obeyed_after_the_session(widget: Widget, secret: str) -> None:
    now = datetime.now(UTC)
    clock = iter([now, now, now + timedelta(minutes=61)])
    session = Session(
        widget.public_key,
        SocketWriter(_nowhere, runs().stream_log, runs().pokes),
        "",
        clock.__next__,
    )
    token = token_make(secret, sub="7", exp=now.timestamp() + 60)
    await session.obey(frame_read(f'{{"type": "hello", "protocol": 1, "identity": "{token}"}}'))
    with pytest.raises(IdentityExpiredError):
        await session.obey(frame_read(f'{{"type": "send", "id": "{uuid4()}", "text": "Hi"}}'))
    session.leave()
    assert not await db(Conversation.objects.exists)


async def _nowhere(_frame: dict[str, Any]) -> None:
    """Take a frame and forget it."""
