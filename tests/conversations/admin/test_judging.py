"""Support staff judge what they read, and go on to the next with one key."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from conversations.models import Conversation, Note, Review, Verdict
from tests.admin_world import World, conversation_make

LIST = "/admin/conversations/conversation/"


def page(world: World, name: str, *more: object) -> str:
    return reverse(f"admin:conversations_conversation_{name}", args=[world.conversation.pk, *more])


def test_a_verdict_is_kept_and_shown(world: World) -> None:
    client = world.client("support")
    typed = {"judgement": "wrong", "reason": "Old <b>price</b>", "tags": "prices，退货, Prices"}
    response = client.post(page(world, "verdict", 6), typed)
    assert response.headers["Location"].endswith("/change/#message-6")
    assert Verdict.objects.get().tags == ["prices", "退货"]
    html = client.get(page(world, "change")).content.decode()
    assert "Old &lt;b&gt;price&lt;/b&gt;" in html
    assert re.search('value="wrong"[^>]* checked', html)


def test_a_verdict_that_does_not_hold_loses_nothing(world: World) -> None:
    typed = {"judgement": "", "reason": "He asked twice."}
    response = world.client("support").post(page(world, "verdict", 6), typed)
    assert response.status_code == 200
    html = response.content.decode()
    assert "He asked twice." in html
    assert '<details class="judge" open>' in html
    assert not Verdict.objects.exists()


def test_a_verdict_on_a_question_says_why_not(world: World) -> None:
    response = world.client("support").post(page(world, "verdict", 1), {"judgement": "good"})
    assert response.status_code == 200
    assert not Verdict.objects.exists()


def test_a_verdict_is_taken_back(world: World) -> None:
    client = world.client("support")
    client.post(page(world, "verdict", 6), {"judgement": "rude"})
    client.post(page(world, "verdict", 6), {"withdraw": "1"})
    assert not Verdict.objects.exists()


def test_a_note_is_left_for_colleagues(world: World) -> None:
    client = world.client("support")
    client.post(page(world, "note"), {"text": "Call her <script>alert(1)</script>"})
    html = client.get(page(world, "change")).content.decode()
    assert "Call her &lt;script&gt;" in html
    note = Note.objects.get()
    others = world.client("owner").get(page(world, "change")).content.decode()
    assert f'name="delete" value="{note.pk}"' in html
    assert f'name="delete" value="{note.pk}"' not in others
    world.client("owner").post(page(world, "note"), {"delete": note.pk})
    assert Note.objects.exists()
    client.post(page(world, "note"), {"delete": note.pk})
    assert not Note.objects.exists()


def test_those_who_only_read_see_verdicts_and_no_forms(world: World) -> None:
    world.client("support").post(page(world, "verdict", 6), {"judgement": "wrong"})
    html = world.client("editor").get(page(world, "change")).content.decode()
    assert 'class="state state-bad"' in html
    assert "<textarea" not in html
    assert "review.js" not in html


def test_one_goes_through_a_filtered_list_to_its_end(world: World) -> None:
    Conversation.objects.all().delete()
    wanted = [conversation_make(world.widget, opening="refund") for _ in range(2)]
    conversation_make(world.widget, opening="other")
    client = world.client("support")
    html = client.get(f"{LIST}?q=refund").content.decode()
    assert "2 conversations wait" in html
    response = client.post(f"{LIST}next/", {"queue": "q=refund"})
    seen = []
    for _ in wanted:
        address = response.headers["Location"]
        assert address.endswith("?queue=q%3Drefund")
        seen.append(address.split("/")[4])
        response = client.post(f"{LIST}{seen[-1]}/review/", {"done": "1", "queue": "q=refund"})
    assert sorted(seen) == sorted(str(one.pk) for one in wanted)
    assert response.headers["Location"] == f"{LIST}?q=refund"
    assert Review.objects.filter(done_by=world.people["support"]).count() == 2


def test_a_queue_that_makes_no_sense_is_the_whole_list(world: World) -> None:
    response = world.client("support").post(f"{LIST}next/", {"queue": "nonsense__x=1"})
    assert str(world.conversation.pk) in response.headers["Location"]


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        *(("review=waiting", False), ("review=done", True), ("review=mine", False)),
        *(("verdict=faulted", True), ("verdict=rude", True), ("verdict=wrong", False)),
        *(("verdict=good", False), ("verdict=no_such", True)),
    ],
)
def test_the_list_is_filtered_by_review_and_verdict(
    world: World, query: str, *, is_there: bool
) -> None:
    client = world.client("support")
    client.post(page(world, "verdict", 6), {"judgement": "rude"})
    client.post(page(world, "review"), {"done": "1"})
    found = client.get(f"{LIST}?{query}").context["cl"].result_list
    assert (world.conversation in found) is is_there


def test_the_list_says_who_reads(world: World) -> None:
    client = world.client("support")
    client.post(f"{LIST}next/", {"queue": ""})
    assert "state-running" in client.get(LIST).content.decode()
    assert world.conversation in client.get(f"{LIST}?review=mine").context["cl"].result_list
