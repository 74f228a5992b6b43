"""The first page says what waits for whom."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from chatsite.desk import Card, desk
from conversations.models import (
    Conversation,
    PromptTemplate,
    Rating,
    Reply,
    ReplyStatus,
    TeamMessage,
    Widget,
)
from gateway.models import ApiKey, Call
from gateway.services import key_pause
from tests.admin_world import World, conversation_make


def card(world: World, person: str, word: str) -> Card:
    # Read anew: Django remembers a person's permissions on the object.
    user = User.objects.get(pk=world.people[person].pk)
    [found] = [card for card in desk(user) if word in card.title]
    return found


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("nobody", []),
        ("support", ["since yesterday", "went wrong"]),
        ("editor", ["since yesterday", "went wrong", "not published"]),
        ("operator", ["key serves", "in the last hour"]),
    ],
)
def test_each_role_reads_of_its_own_work(world: World, person: str, words: list[str]) -> None:
    titles = [card.title for card in desk(world.people[person])]
    assert len(titles) == len(words)
    assert all(word in title for word, title in zip(words, titles, strict=True))


def test_what_went_wrong_stands_out_and_leads_to_its_conversations(world: World) -> None:
    Conversation.objects.all().delete()
    assert card(world, "support", "went wrong").tone == "good"
    conversation_make(world.widget, statuses=(ReplyStatus.FAILED,))
    wrong = card(world, "support", "went wrong")
    assert (wrong.tone, wrong.figure) == ("bad", 1)
    response = world.client("support").get(wrong.url)
    assert len(response.context["cl"].result_list) == 1


def test_answers_that_were_of_no_help_lead_to_their_conversations(world: World) -> None:
    assert not [one for one in desk(world.people["support"]) if "help" in one.title]
    fine, bad, old = (
        conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,)) for _number in range(3)
    )
    for talk, value in ((fine, "up"), (bad, "down"), (old, "down")):
        reply = Reply.objects.get(message__conversation=talk)
        Rating.objects.create(reply=reply, value=value)
    Conversation.objects.filter(pk=old.pk).update(active_at=timezone.now() - timedelta(days=2))
    disliked = card(world, "support", "no help")
    assert (disliked.figure, disliked.title) == (1, "customer found an answer of no help")
    response = world.client("support").get(disliked.url)
    assert [row.pk for row in response.context["cl"].result_list] == [bad.pk]


def test_who_waits_for_a_person_comes_first(world: World) -> None:
    assert "person" not in desk(world.people["support"])[0].title
    talk = conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,))
    for number in (1, 2):
        TeamMessage.objects.create(
            conversation=talk, client_id=UUID(int=number), email="a@b.example"
        )
    waiting = desk(world.people["support"])[0]
    assert (waiting.title, waiting.figure) == ("customer waits for a person", 1)
    response = world.client("support").get(waiting.url)
    assert [row.pk for row in response.context["cl"].result_list] == [talk.pk]
    TeamMessage.objects.update(closed_at=timezone.now())
    assert "person" not in desk(world.people["support"])[0].title


def test_a_template_in_use_with_nothing_live_stands_out(world: World) -> None:
    silent = PromptTemplate.objects.create(name="Silent")
    Widget.objects.create(name="Mute", prompt_template=silent)
    assert card(world, "editor", "without a live version").figure == 1


def test_a_site_without_a_serving_key_stands_out(world: World) -> None:
    key_pause(key=world.key)
    assert (card(world, "operator", "serve").tone, card(world, "operator", "serve").figure) == (
        "bad",
        0,
    )


def test_a_key_that_needs_somebody_is_counted_and_found(world: World) -> None:
    ApiKey.objects.filter(pk=world.key.pk).update(state="revoked", state_reason="bad_credential")
    waiting = card(world, "operator", "needs you")
    response = world.client("operator").get(waiting.url)
    assert list(response.context["cl"].result_list) == [world.key]


@pytest.mark.parametrize(
    ("failed", "succeeded", "tone"), [(0, 30, "quiet"), (1, 29, "warning"), (3, 27, "bad")]
)
def test_failed_calls_alarm_by_their_share(
    world: World, failed: int, succeeded: int, tone: str
) -> None:
    Call.objects.all().delete()
    for outcome, count in (("failed", failed), ("succeeded", succeeded)):
        for _number in range(count):
            Call.objects.create(outcome=outcome, started_at=timezone.now())
    calls = card(world, "operator", "in the last hour")
    assert (calls.tone, calls.figure) == (tone, 30)


def test_without_a_role_the_page_says_whom_to_ask(world: World) -> None:
    html = world.client("nobody").get("/admin/").content.decode()
    assert "Ask whoever runs this site to give you a role" in html


def test_a_django_app_has_no_page_of_its_own(world: World) -> None:
    response = world.client("owner").get("/admin/gateway/")
    assert response.headers["Location"] == "/admin/"


@pytest.mark.django_db
def test_the_login_page_is_dressed_and_names_no_room(client: Client) -> None:
    html = client.get("/admin/login/").content.decode()
    assert "admin/chatsite.css" in html
    assert 'id="rooms"' not in html
