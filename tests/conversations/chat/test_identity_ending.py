"""Signing out, revoking and running out end the sockets they are about, and no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone  # Django comes first
from pytest_django import Settings

from conversations.chat.presence import endings_heed, presence
from conversations.chat.protocol import frame_read
from conversations.chat.runs import runs
from conversations.chat.session import Session
from conversations.chat.writer import SocketWriter
from conversations.errors import IdentityExpiredError
from conversations.identity.revocations import token_subjects_revoke
from conversations.identity.tokens import visitor_token_read
from conversations.models import Conversation, Customer, Revocation, Widget
from gateway.db import db
from tests.conversations.chat.client import Connect, closed, first, said
from tests.conversations.identity.website import token_make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]


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
