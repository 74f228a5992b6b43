"""Staff see who waits, in the list and on the transcript, as much of it as their role may."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from conversations.models import Offer, TeamMessage, Widget
from tests.admin_world import World, conversation_make

BASE = "/admin/conversations/conversation/"
NAME, EMAIL = "Canary Person", "canary@example.org"


@pytest.fixture
def left(world: World) -> TeamMessage:
    """A message for the team that names its writer once more."""
    return TeamMessage.objects.create(
        conversation=world.conversation,
        client_id=uuid4(),
        name=NAME,
        email=EMAIL,
        text=f"I am {NAME}, <b>call</b> {EMAIL}",
    )


def transcript(world: World, person: str = "support") -> str:
    return world.client(person).get(f"{BASE}{world.conversation.pk}/change/").content.decode()


def close(world: World, left: TeamMessage, person: str = "support", note: str = "") -> int:
    address = f"{BASE}{world.conversation.pk}/team/{left.pk}/close/"
    return world.client(person).post(address, {"note": note}).status_code


def test_the_transcript_shows_who_waits_and_for_what(world: World, left: TeamMessage) -> None:
    html = transcript(world)
    assert "Waits for a person" in html
    assert f'href="mailto:{EMAIL}"' in html
    assert "&lt;b&gt;call&lt;/b&gt;" in html
    assert "Close it" in html


def test_an_editor_reads_the_words_and_not_who_wrote_them(world: World, left: TeamMessage) -> None:
    html = transcript(world, "editor")
    assert "Waits for a person" in html
    assert "&lt;b&gt;call&lt;/b&gt;" in html
    assert NAME not in html
    assert EMAIL not in html
    assert "Close it" not in html


def test_an_operator_sees_that_somebody_waits_and_no_word(world: World, left: TeamMessage) -> None:
    html = transcript(world, "operator")
    assert "Waits for a person" in html
    assert "call" not in html.split('id="team"')[1].split("</section>")[0]
    assert EMAIL not in html


def test_the_list_marks_it_and_filters_by_it(world: World, left: TeamMessage) -> None:
    conversation_make(world.widget, opening="Another question")
    client = world.client("support")
    page = client.get(BASE).content.decode()
    rows = page.split("<tbody>")[1]
    assert rows.count("Waits for a person") == 1
    waiting = client.get(f"{BASE}?team=open").content.decode().split("<tbody>")[1]
    assert "Where is my order?" in waiting
    assert "Another question" not in waiting
    TeamMessage.objects.update(closed_at=timezone.now())
    assert "<tbody>" not in client.get(f"{BASE}?team=open").content.decode()
    assert "Where is my order?" in client.get(f"{BASE}?team=closed").content.decode()


def test_closing_says_who_and_why_and_is_logged(world: World, left: TeamMessage) -> None:
    assert close(world, left, note="Called <i>her</i>") == 302
    left.refresh_from_db()
    assert left.closed_at is not None
    assert left.closed_by == world.people["support"]
    html = transcript(world)
    assert "Called &lt;i&gt;her&lt;/i&gt;" in html
    assert "Waits for a person" not in html.split('id="team"')[1].split("</section>")[0]
    history = world.client("support").get(f"{BASE}{world.conversation.pk}/history/")
    assert "Closed the message for the team." in history.content.decode()


@pytest.mark.parametrize("person", ["nobody", "editor", "operator"])
def test_only_who_answers_customers_closes(world: World, left: TeamMessage, person: str) -> None:
    assert close(world, left, person) == 403
    left.refresh_from_db()
    assert left.closed_at is None


def test_a_mail_that_has_not_left_is_said_to_be_tried_again(
    world: World, left: TeamMessage
) -> None:
    TeamMessage.objects.update(mail_error="no_mail_server")
    assert "has not left yet. No mail server is set" in transcript(world)
    TeamMessage.objects.update(mail_error="", mailed_at=timezone.now())
    assert "E-mail sent to the team" in transcript(world)


class TestForm:
    """The widget's settings."""

    def change(self, client: Client, widget: Widget, **fields: object) -> str:
        address = f"/admin/conversations/widget/{widget.pk}/change/"
        form = client.get(address).context["adminform"].form
        data = {name: value for name, value in form.initial.items() if value is not None}
        data |= {"allowed_origins": "", "suggested_questions": "", "forbidden_regions": ""}
        data |= {"team_recipients": "", **fields}
        response = client.post(address, {key: data[key] for key in data if data[key] is not False})
        return "" if response.status_code == 302 else response.content.decode()

    def test_conditions_and_recipients_are_kept(self, world: World) -> None:
        error = self.change(
            world.client("editor"),
            world.widget,
            team_offers=["request", "failures"],
            team_failures=3,
            team_text="Write to us!",
            team_recipients="kim@shop.example\n\nlee@shop.example\nkim@shop.example",
        )
        assert error == ""
        world.widget.refresh_from_db()
        assert world.widget.team_offers == [Offer.REQUEST, Offer.FAILURES]
        assert (world.widget.team_failures, world.widget.team_text) == (3, "Write to us!")
        assert world.widget.team_recipients == ["kim@shop.example", "lee@shop.example"]

    def test_what_is_no_address_is_named(self, world: World) -> None:
        html = self.change(world.client("editor"), world.widget, team_recipients="kim\na@b.example")
        assert "These are no e-mail addresses: kim" in html
        world.widget.refresh_from_db()
        assert world.widget.team_recipients == []
