"""Support staff read conversations."""

from __future__ import annotations

from conversations.models import Conversation, Rating, Reply, ReplyStatus
from tests.admin_world import World, conversation_make

LIST = "/admin/conversations/conversation/"


def found(world: World, query: str) -> set[str]:
    response = world.client("support").get(f"{LIST}?{query}")
    assert response.status_code == 200
    return {conversation.opening for conversation in response.context["cl"].result_list}


def rate(conversation: Conversation, *values: str, reason: str = "", comment: str = "") -> None:
    for reply, value in zip(replies(conversation), values, strict=False):
        Rating.objects.create(reply=reply, value=value, reason=reason, comment=comment)


def replies(conversation: Conversation) -> list[Reply]:
    found = Reply.objects.filter(message__conversation=conversation)
    return list(found.order_by("message__position"))


def test_conversations_are_found_by_the_customers_thumb(world: World) -> None:
    Conversation.objects.all().delete()
    two = (ReplyStatus.COMPLETE,) * 3
    rate(conversation_make(world.widget, opening="liked", statuses=two), "up")
    rate(conversation_make(world.widget, opening="disliked", statuses=two), "down", "down")
    rate(conversation_make(world.widget, opening="mixed", statuses=two), "up", "down")
    conversation_make(world.widget, opening="silent", statuses=two)
    assert found(world, "rating=down") == {"disliked", "mixed"}
    assert found(world, "rating=up") == {"liked", "mixed"}
    assert len(found(world, "")) == 4


def test_the_list_says_how_often_each_thumb_was_given(world: World) -> None:
    Conversation.objects.all().delete()
    conversation = conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,) * 3)
    rate(conversation, "down", "up", "down")
    html = world.client("support").get(LIST).content.decode()
    assert '<span class="state state-bad" title="">Not helpful · 2</span>' in html
    assert '<span class="state state-good" title="">Helpful</span>' in html


def test_a_transcript_shows_the_customers_thumb_reason_and_words_as_text(world: World) -> None:
    conversation = conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,))
    rate(conversation, "down", reason="incomplete", comment="<b>Which</b> carrier?\u202e")
    path = f"{LIST}{conversation.pk}/change/"
    html = world.client("support").get(path).content.decode()
    assert "Not helpful · Incomplete" in html
    assert "&lt;b&gt;Which&lt;/b&gt; carrier?⟦U+202E⟧" in html


def test_an_answer_that_nobody_rated_has_no_rating(world: World) -> None:
    html = world.client("support").get(f"{LIST}{world.conversation.pk}/change/").content.decode()
    assert "Customer:" not in html


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
