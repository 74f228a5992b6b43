"""A chat over a real socket, from the question to its answer and back after a reload."""

import pytest

from conversations.markdown import render_markdown
from conversations.models import Conversation, Message, PromptTemplate, Reply, Widget
from conversations.prompts.content import PromptContent
from conversations.prompts.services import draft_save, version_publish
from gateway.db import db
from gateway.sandbox.server import Sandbox
from tests.conversations.chat.client import QUESTION, Connect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("site_gateway")]


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
