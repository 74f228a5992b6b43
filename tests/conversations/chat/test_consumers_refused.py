"""What the socket does not take, and how it says so: with a code, and without ending the chat."""

import json
from typing import Any
from uuid import uuid4

import pytest
from channels.testing import WebsocketCommunicator

from conversations.identity.tokens import visitor_token_make
from conversations.models import Widget
from tests.conversations.chat.client import APPLICATION, QUESTION, Client, Connect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]


async def test_errors_speak_the_language_nearest_to_the_customers(connect: Connect) -> None:
    client = await connect(locale="zh-CN")
    await client.send(" ")
    assert (await client.until("error"))["text"] == "消息是空的。"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (" ", "invalid_frame"),
        ("{", "invalid_frame"),
        ("[]", "invalid_frame"),
        ('{"type": "dance"}', "unknown_frame"),
        ('{"type": "hello", "protocol": 1}', "hello_expected"),
        ('{"type": "stop", "position": 2}', "unknown_reply"),
        ('{"type": "retry", "position": 2}', "unknown_reply"),
        ('{"type": "rate", "position": 2, "rating": "up"}', "unknown_reply"),
        ('{"type": "history", "before": 2}', "unknown_reply"),
        (json.dumps({"type": "send", "id": str(uuid4()), "text": ""}), "empty_message"),
        (json.dumps({"type": "send", "id": str(uuid4()), "text": "\x00\x07"}), "empty_message"),
        (
            json.dumps({"type": "send", "id": str(uuid4()), "text": "x" * 60_000}),
            "message_too_long",
        ),
    ],
)
async def test_a_bad_frame_gets_a_code_and_the_chat_goes_on(
    connect: Connect, frame: str, code: str
) -> None:
    client = await connect()
    await client.socket.send_to(text_data=frame)
    assert (await client.until("error"))["code"] == code
    await client.send("Hello \ud800 there")
    await client.until_status(2, "complete")
    assert client.messages[1]["text"] == "Hello \ufffd there"


async def test_a_frame_of_bytes_is_an_invalid_one(connect: Connect) -> None:
    client = await connect()
    await client.socket.send_to(bytes_data=b'{"type": "ping"}')
    assert (await client.until("error"))["code"] == "invalid_frame"
    await client.tell({"type": "ping"})
    assert (await client.until("pong")) == {"type": "pong"}


async def test_nobody_speaks_before_hello(widget: Widget) -> None:
    client = Client(widget.public_key)
    await client.open()
    await client.send("Hi")
    assert (await client.receive())["code"] == "hello_expected"
    await client.leave()


@pytest.mark.parametrize(
    ("hello", "code", "close"),
    [
        ({"token": "forged"}, "invalid_token", 4401),
        ({"token": visitor_token_make(uuid4(), "another-widget")}, "invalid_token", 4401),
        ({"protocol": 2}, "unsupported_protocol", 4400),
    ],
)
async def test_a_hello_that_cannot_be_taken_closes_the_socket(
    widget: Widget, hello: dict[str, Any], code: str, close: int
) -> None:
    client = Client(widget.public_key)
    assert (await client.connect(**hello))["code"] == code
    assert (await client.socket.receive_output())["code"] == close


@pytest.mark.parametrize("key", ["nobody", "%00", "%F0%9F%98%80"])
async def test_an_unknown_widget_closes_the_socket(db: None, key: str) -> None:
    client = Client(key)
    assert (await client.connect())["code"] == "unknown_widget"
    assert (await client.socket.receive_output())["code"] == 4404


async def test_anothers_conversation_looks_as_if_there_were_none(connect: Connect) -> None:
    mine = await connect()
    await mine.send(QUESTION)
    await mine.until_status(2, "complete")
    for conversation in (mine.conversation, str(uuid4())):
        stranger = await connect(conversation=conversation)
        assert stranger.frames[0]["code"] == "unknown_conversation"
        await stranger.hello(conversation="latest")
        assert (await stranger.until("welcome"))["messages"] == []


async def test_an_unknown_address_is_refused() -> None:
    socket = WebsocketCommunicator(APPLICATION, "/ws/elsewhere/")
    is_accepted, _ = await socket.connect()
    assert not is_accepted
