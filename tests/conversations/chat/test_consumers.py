import json
from typing import Any
from uuid import uuid4

import pytest
from channels.testing import WebsocketCommunicator

from conversations.identity.tokens import visitor_token_make
from conversations.markdown import render_markdown
from conversations.models import Conversation, Message, PromptTemplate, Reply, Widget
from conversations.prompts.content import PromptContent
from conversations.prompts.services import draft_save, version_publish
from gateway.db import db
from gateway.sandbox.server import Sandbox
from tests.conversations.chat.client import APPLICATION, Client, Connect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]

QUESTION = "When do you open?"


async def test_a_question_is_accepted_streamed_and_kept(connect: Connect) -> None:
    client = await connect()
    message_id = await client.send(QUESTION)
    accepted = await client.until("accepted")
    reply = await client.until_status(2, "complete")
    message = await db(lambda: Message.objects.select_related("reply").get(position=2))

    assert (accepted["id"], accepted["position"]) == (message_id, 1)
    assert "nine" in message.text
    assert reply["html"] == render_markdown(message.text)
    said = client.words[2]
    assert "".join(said["html"]) + said["rest"]
    assert message.reply.provider == "sandbox"
    assert message.reply.first_token_ms is not None
    assert message.reply.prompt_tokens


async def test_words_arrive_before_the_end(connect: Connect) -> None:
    client = await connect()
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    kinds = [frame["type"] for frame in client.frames]
    assert kinds.index("accepted") < kinds.index("reply.snapshot") < len(kinds) - 1
    assert kinds[-1] == "changed"


async def test_a_reload_finds_the_conversation(connect: Connect) -> None:
    first = await connect()
    await first.send(QUESTION)
    await first.until_status(2, "complete")
    second = await connect(first)
    assert second.conversation == first.conversation
    assert second.messages == first.messages


async def test_a_reconnect_tells_only_what_is_new(connect: Connect) -> None:
    client = await connect()
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    await client.leave()
    welcome = await client.connect()
    assert (welcome["messages"], welcome["reset"]) == ([], False)


async def test_a_second_tab_sees_the_same(connect: Connect) -> None:
    first = await connect()
    await first.send("Hello")
    await first.until_status(2, "complete")
    second = await connect(first)
    await first.send(QUESTION)
    await first.until_status(4, "complete")
    await second.until_status(4, "complete")
    assert second.messages == first.messages


async def test_messages_sent_at_once_are_answered_in_order(connect: Connect) -> None:
    client = await connect()
    await client.send(QUESTION)
    await client.until("accepted")
    await client.send("Hello")
    await client.until_status(4, "complete")
    assert client.messages[2]["status"] == "complete"


async def test_a_repeated_message_is_acknowledged_again(connect: Connect) -> None:
    client = await connect()
    message_id = await client.send(QUESTION)
    first = await client.until("accepted")
    await client.send(QUESTION, message_id)
    again = await client.until("accepted")
    assert again["position"] == first["position"]
    assert await db(Message.objects.count) == 2


async def test_an_answer_goes_on_without_its_customer(connect: Connect, sandbox: Sandbox) -> None:
    client = await connect()
    await client.send(QUESTION)
    await client.until("accepted")
    await client.leave()
    await client.connect()
    assert (await client.until_status(2, "complete"))["html"]


async def test_stop_keeps_what_was_said(connect: Connect, slow_sandbox: Sandbox) -> None:
    client = await connect()
    await client.send(QUESTION)
    await client.until("reply.delta")
    await client.tell({"type": "stop", "position": 2})
    reply = await client.until_status(2, "stopped")
    assert reply["html"]
    assert reply["error"] is None
    assert slow_sandbox.open_streams == 0


async def test_a_reload_while_it_speaks_goes_on_mid_sentence(
    connect: Connect, slow_sandbox: Sandbox
) -> None:
    client = await connect()
    await client.send(QUESTION)
    await client.until("reply.delta")
    await client.leave()
    heard = client.words[2]["offset"]
    welcome = await client.connect()
    assert welcome["reset"] is False
    following = await client.until(lambda frame: frame["type"].startswith("reply."))
    assert (following["type"], following["offset"]) == ("reply.delta", heard)
    await client.tell({"type": "stop", "position": 2})
    await client.until_status(2, "stopped")


async def test_a_failure_is_told_kindly_and_can_be_tried_again(
    connect: Connect, sandbox: Sandbox
) -> None:
    client = await connect()
    sandbox.revoked.add("sandbox-test")
    await client.send(QUESTION)
    reply = await client.until_status(2, "failed")
    assert reply["error"]["text"].startswith("The assistant is not available")
    assert await db(lambda: Reply.objects.get().error_code)
    await client.tell({"type": "retry", "position": 2})
    await client.until_status(2, "queued", "running")
    assert (await client.until_status(2, "failed"))["attempt"] == 2


async def test_start_over_begins_a_new_conversation(connect: Connect) -> None:
    first = await connect()
    await first.send(QUESTION)
    await first.until_status(2, "complete")
    second = await connect(first, conversation="new")
    assert (second.conversation, second.messages) == (None, {})
    await second.send(QUESTION)
    await second.until_status(2, "complete")
    assert second.conversation != first.conversation


async def test_older_messages_come_when_asked_for(connect: Connect) -> None:
    client = await connect()
    await client.send("Hello")
    await client.until_status(2, "complete")
    await client.send(QUESTION)
    await client.until_status(4, "complete")
    await client.tell({"type": "history", "before": 3})
    history = await client.until("history")
    assert [message["position"] for message in history["messages"]] == [1, 2]
    assert history["has_older"] is False


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


async def test_a_prompt_that_cannot_be_filled_is_our_fault_not_the_customers(
    connect: Connect, widget: Widget
) -> None:
    def require_a_value() -> None:
        template = PromptTemplate.objects.get()
        variable = {"name": "plan", "default": "", "sample": "", "required": True}
        content = PromptContent(instructions="{{plan}}", variables=(variable,))
        seen = template.live.changed_at if template.live else None
        version_publish(draft=draft_save(template=template, content=content, seen=seen))

    await db.write(require_a_value)
    client = await connect()
    await client.send(QUESTION)
    reply = await client.until_status(2, "failed")
    assert reply["error"]["text"] == "Something went wrong on our side."


async def test_the_conversation_keeps_the_prompt_it_began_with(
    connect: Connect, widget: Widget
) -> None:
    client = await connect()
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    conversation = await db(lambda: Conversation.objects.select_related("prompt_version").get())
    assert conversation.prompt_version.number == 1
    assert conversation.page_url == ""


async def test_an_unknown_address_is_refused() -> None:
    socket = WebsocketCommunicator(APPLICATION, "/ws/elsewhere/")
    is_accepted, _ = await socket.connect()
    assert not is_accepted


async def attributes_of(client: Client) -> dict[str, Any]:
    assert client.conversation is not None
    pk = client.conversation
    conversation = await db(lambda: Conversation.objects.get(pk=pk))
    kept: dict[str, Any] = conversation.attributes
    return kept


async def test_what_the_page_says_is_kept_with_the_conversation_it_begins(
    connect: Connect,
) -> None:
    client = await connect(attributes={"plan": "pro", "old": None, "odd": {"a": 1}})
    await client.tell({"type": "attributes", "attributes": {"basket": 3}})
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    assert await attributes_of(client) == {"plan": "pro", "basket": 3}


async def test_what_the_page_says_later_is_added_or_taken_off(connect: Connect) -> None:
    client = await connect(attributes={"plan": "pro", "basket": 3})
    await client.send(QUESTION)
    await client.until_status(2, "complete")
    await client.tell({"type": "attributes", "attributes": {"plan": "team", "basket": None}})
    await client.tell({"type": "ping"})
    await client.until("pong")
    assert await attributes_of(client) == {"plan": "team"}
    second = await connect(client, attributes={"page": "returns"})
    await second.tell({"type": "ping"})
    await second.until("pong")
    other = await connect(client)  # another page, which says nothing, takes nothing away
    assert await attributes_of(other) == {"plan": "team", "page": "returns"}


async def test_what_the_page_says_never_reaches_another_conversation(connect: Connect) -> None:
    first = await connect()
    await first.send(QUESTION)
    await first.until_status(2, "complete")
    stranger = await connect(attributes={"plan": "pro"})
    await stranger.tell({"type": "attributes", "attributes": {"plan": "team"}})
    await stranger.tell({"type": "ping"})
    await stranger.until("pong")
    assert await attributes_of(first) == {}
