"""Reading is live, noted, and shows what the model was sent to those who may see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User

from conversations.chat.leases import Ending, reply_end
from conversations.chat.prompt import messages_digest, messages_sent, reply_question
from conversations.chat.services import Visit, message_receive
from conversations.models import Conversation, Message, Reading, Reply, ReplyStatus
from conversations.review.readings import reading_note
from tests.admin_world import World

LIST = "/admin/conversations/conversation/"


def ask(world: World, text: str, conversation: Conversation | None = None) -> Conversation:
    """Ask on the world's widget, and let the sandbox's words be the answer."""
    visitor = conversation.visitor if conversation else uuid4()
    receipt = message_receive(
        visit=Visit(widget=world.widget.pk, visitor=visitor, locale="en"),
        conversation=conversation.pk if conversation else None,
        client_id=uuid4(),
        text=text,
        owner="process-1",
    )
    assert receipt.claim is not None
    digest = messages_digest(reply_question(receipt.claim).request.messages)
    ending = Ending(status=ReplyStatus.COMPLETE, text=f"About {text}", sent_digest=digest)
    reply_end(receipt.claim, ending)
    return Conversation.objects.get(pk=receipt.conversation)


def test_an_open_page_hears_what_is_new_and_nothing_else(world: World) -> None:
    conversation = ask(world, "Alpha")
    client = world.client("support")
    address = f"{LIST}{conversation.pk}/turns/"
    page = client.get(f"{LIST}{conversation.pk}/change/").content.decode()
    assert f'data-turns="{address}"' in page
    seen = Message.objects.get(conversation=conversation, position=2).revision
    assert f'id="message-2" data-revision="{seen}"' in page
    assert client.get(f"{address}?revision={seen}").status_code == 204
    ask(world, "Beta", conversation)
    news = client.get(f"{address}?revision={seen}").content.decode()
    assert "Beta" in news
    assert "Alpha" not in news
    assert "Alpha" in client.get(f"{address}?revision=x").content.decode()
    assert client.get(f"{LIST}{uuid4()}/turns/").status_code == 404


def test_reading_is_noted_once_an_hour_for_each_person(world: World) -> None:
    Reading.objects.all().delete()
    address = f"{LIST}{world.conversation.pk}/change/"
    for person in ("support", "support", "editor", "operator"):
        world.client(person).get(address)
    assert set(Reading.objects.values_list("reader_name", flat=True)) == {"support", "editor"}
    assert Reading.objects.count() in {2, 3}  # an hour may have ended in between
    reader, now = world.people["support"], datetime(2026, 1, 1, 9, 59, tzinfo=UTC)
    Reading.objects.all().delete()
    for minutes in (0, 0.5, 1, 30):
        moment = now + timedelta(minutes=minutes)
        reading_note(reader=reader, conversation=world.conversation, now=moment)
    noted = Reading.objects.order_by("read_at").values_list("read_at", flat=True)
    assert list(noted) == [now, now + timedelta(minutes=1)]


def test_what_is_not_there_is_not_noted(world: World) -> None:
    Reading.objects.all().delete()
    assert world.client("support").get(f"{LIST}{uuid4()}/change/").status_code == 302
    assert not Reading.objects.exists()


def test_who_read_is_told_to_those_alone_who_may_know(world: World) -> None:
    address = f"{LIST}{world.conversation.pk}/change/"
    assert "Who read this" not in world.client("support").get(address).content.decode()
    assert "Who read this" in world.client("owner").get(address).content.decode()


def test_a_reading_goes_with_its_conversation_and_stays_without_its_reader(world: World) -> None:
    world.people["owner"].delete()
    assert Reading.objects.get().reader_name == "owner"
    world.conversation.delete()
    assert not Reading.objects.exists()


def test_the_very_messages_are_shown_to_those_who_may_see_them(world: World) -> None:
    conversation = ask(world, "First\u202e <b>question</b>")
    ask(world, "Second", conversation)
    html = world.client("editor").get(f"{LIST}{conversation.pk}/sent/4/").content.decode()
    for said in ("You speak kindly.", "First⟦U+202E⟧ &lt;b&gt;question", "About First", "Second"):
        assert said in html
    assert "About Second" not in html
    assert f"{LIST}{conversation.pk}/sent/4/" in (
        world.client("editor").get(f"{LIST}{conversation.pk}/change/").content.decode()
    )
    assert "/sent/" not in (
        world.client("support").get(f"{LIST}{conversation.pk}/change/").content.decode()
    )
    assert world.client("support").get(f"{LIST}{conversation.pk}/sent/4/").status_code == 403
    assert world.client("editor").get(f"{LIST}{conversation.pk}/sent/9/").status_code == 404


def test_the_right_to_see_them_can_be_given_alone(world: World) -> None:
    conversation = ask(world, "First")
    permission = Permission.objects.get(codename="view_sent")
    User.objects.get(username="support").user_permissions.add(permission)
    assert world.client("support").get(f"{LIST}{conversation.pk}/sent/2/").status_code == 200


@pytest.mark.parametrize("what", ["earlier answer", "widget", "never ended"])
def test_what_cannot_be_proved_to_be_the_same_is_not_shown(world: World, what: str) -> None:
    conversation = ask(world, "First")
    ask(world, "Second", conversation)
    reply = Reply.objects.get(message__conversation=conversation, message__position=4)
    assert messages_sent(reply) is not None
    if what == "earlier answer":
        Message.objects.filter(conversation=conversation, position=2).update(text="Other")
    elif what == "never ended":
        reply.sent_digest = ""
    else:
        Message.objects.filter(conversation=conversation, position=1).update(text="Changed")
    assert messages_sent(reply) is None
    if what == "earlier answer":
        html = world.client("editor").get(f"{LIST}{conversation.pk}/sent/4/").content.decode()
        assert "This cannot be shown any more" in html


def test_what_was_sent_yesterday_is_rendered_as_of_yesterday(world: World) -> None:
    conversation = ask(world, "First")
    reply = Reply.objects.get(message__conversation=conversation)
    assert reply.started_at
    reply.started_at -= timedelta(days=1)
    assert messages_sent(reply) is not None  # this prompt does not tell the day
    reply.started_at = None
    assert messages_sent(reply) is None


def test_a_call_is_a_click_away_for_those_who_see_calls(world: World) -> None:
    address = f"{LIST}{world.conversation.pk}/change/"
    link = f"/admin/gateway/call/{world.call.pk}/change/"
    assert link in world.client("owner").get(address).content.decode()
    assert link not in world.client("support").get(address).content.decode()
