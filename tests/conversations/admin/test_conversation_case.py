"""A bad answer becomes a test case by one press, for those who may."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import PromptCase
from tests.admin_world import World

BUTTON = "Make a test case of this answer"


def page(world: World, name: str, *more: object) -> str:
    return reverse(f"admin:conversations_conversation_{name}", args=[world.conversation.pk, *more])


@pytest.mark.parametrize(("person", "leads_there"), [("support", False), ("editor", True)])
def test_one_press_makes_a_case_and_says_where_it_is(
    world: World, person: str, *, leads_there: bool
) -> None:
    client = world.client(person)
    before = client.get(page(world, "change")).content.decode()
    place = page(world, "case", 6)
    response = client.post(place, {"queue": "q=order"})
    assert response.headers["Location"].endswith("?queue=q%3Dorder#message-6")
    case = PromptCase.objects.get(from_reply__isnull=False)
    assert case.author == world.people[person]
    html = client.get(page(world, "change")).content.decode()
    assert "The answer is a test case now:" in html
    # In the message, and beside the answer from now on.
    link = f'/prompttemplate/{world.template.pk}/cases/{case.pk}/">'
    assert html.count(link) == (2 if leads_there else 0)
    assert html.count(BUTTON) == before.count(BUTTON) - 1 > 0


def test_a_second_press_says_that_it_is_there_already(world: World) -> None:
    world.client("support").post(page(world, "case", 6))
    client = world.client("editor")
    client.post(page(world, "case", 6))
    assert "It is a test case already:" in client.get(page(world, "change")).content.decode()
    assert PromptCase.objects.filter(from_reply__isnull=False).count() == 1


def test_an_answer_without_words_gets_no_button_and_no_case(world: World) -> None:
    client = world.client("editor")
    html = client.get(page(world, "change")).content.decode()
    assert page(world, "case", 6) in html
    for position in (2, 4, 12):  # queued, running, failed
        assert page(world, "case", position) not in html
        client.post(page(world, "case", position))
    assert "Only a finished answer" in client.get(page(world, "change")).content.decode()
    assert not PromptCase.objects.filter(from_reply__isnull=False).exists()


def test_a_question_is_no_answer(world: World) -> None:
    assert world.client("editor").post(page(world, "case", 5)).status_code == 404


def test_it_takes_the_forms_own_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["support"])
    assert client.post(page(world, "case", 6)).status_code == 403
    assert not PromptCase.objects.filter(from_reply__isnull=False).exists()


def test_a_hostile_question_stays_text_in_the_message(world: World) -> None:
    world.conversation.messages.update(text="<b>x</b>")
    client = world.client("editor")
    client.post(page(world, "case", 6))
    html = client.get(page(world, "change")).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;</a>" in html
    assert "<b>x</b></a>" not in html
