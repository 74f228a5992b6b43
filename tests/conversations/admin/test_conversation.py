"""Support staff find conversations and read them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation, ReplyStatus
from tests.admin_world import World, conversation_make

LIST = "/admin/conversations/conversation/"


def found(world: World, query: str) -> set[str]:
    response = world.client("support").get(f"{LIST}?{query}")
    assert response.status_code == 200
    return {conversation.opening for conversation in response.context["cl"].result_list}


def test_the_list_says_how_the_newest_answer_ended(world: World) -> None:
    conversation_make(world.widget, statuses=(ReplyStatus.INTERRUPTED,))
    html = world.client("support").get(LIST).content.decode()
    assert '<span class="state state-warning" title="">Interrupted</span>' in html


def test_first_words_are_searched(world: World) -> None:
    conversation_make(world.widget, opening="我想退货", statuses=())
    assert found(world, "q=退货") == {"我想退货"}
    assert found(world, "q=ORDER") == {"Where is my order?"}
    assert found(world, "q=nothing+like+it") == set()


@pytest.mark.parametrize(
    ("outcome", "openings"),
    [
        ("wrong", {"broke off", "failed"}),
        ("failed", {"failed"}),
        ("complete", {"fine"}),
    ],
)
def test_conversations_are_filtered_by_their_newest_answer(
    world: World, outcome: str, openings: set[str]
) -> None:
    Conversation.objects.all().delete()
    conversation_make(world.widget, opening="fine", statuses=(ReplyStatus.COMPLETE,))
    conversation_make(world.widget, opening="failed", statuses=(ReplyStatus.FAILED,))
    conversation_make(world.widget, opening="broke off", statuses=(ReplyStatus.INTERRUPTED,))
    assert found(world, f"outcome={outcome}") == openings


def test_the_number_of_queries_does_not_grow_with_the_list(world: World) -> None:
    client = world.client("support")
    client.get(LIST)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
        for _number in range(20):
            conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,))
    assert counts[0] == counts[1]


def test_an_empty_list_says_what_to_do_next(world: World) -> None:
    Conversation.objects.all().delete()
    html = world.client("support").get(LIST).content.decode()
    assert "No conversations yet" in html
    assert "Nothing fits" in world.client("support").get(f"{LIST}?q=x").content.decode()


def test_a_transcript_tells_how_each_answer_came_about(world: World) -> None:
    html = world.client("editor").get(f"{LIST}{world.conversation.pk}/change/").content.decode()
    version = world.template.live
    assert version is not None
    assert "<strong>on its way</strong>" in html
    assert f"/admin/conversations/prompttemplate/{world.template.pk}/versions/2/" in html
    assert "0.0001 USD" in html
    assert "throttled" in html


def test_support_sees_the_prompts_name_without_a_way_to_it(world: World) -> None:
    html = world.client("support").get(f"{LIST}{world.conversation.pk}/change/").content.decode()
    assert "Shop v2" in html
    assert "/admin/conversations/prompttemplate/" not in html


def test_what_a_customer_typed_never_acts_in_list_or_transcript(world: World) -> None:
    attack = "<script>x</script>\u202eevil"
    conversation = conversation_make(
        world.widget, opening=attack, answer=attack, statuses=(ReplyStatus.COMPLETE,)
    )
    Conversation.objects.filter(pk=conversation.pk).update(page_url=f"javascript:{attack}")
    for path in (LIST, f"{LIST}{conversation.pk}/change/"):
        html = world.client("support").get(path).content.decode()
        assert "<script>x" not in html
        assert "\u202e" not in html
        assert 'href="javascript' not in html


def test_a_conversation_that_is_not_there_leads_back_with_a_word(world: World) -> None:
    response = world.client("support").get(f"{LIST}not-a-uuid/change/", follow=True)
    assert response.status_code == 200
    assert "not-a-uuid" in response.content.decode()
