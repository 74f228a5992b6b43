"""An anonymous history joins a customer only when the customer agrees."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.chat.client import Connect, first, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]


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
