"""Conversations are counted and listed by what became of their replies."""

from datetime import timedelta

from django.utils import timezone

from conversations.models import Conversation, ReplyStatus
from conversations.review.selectors import conversations_listed, review_counts
from tests.admin_world import World, conversation_make


def test_the_newest_reply_gives_a_conversation_its_status(world: World) -> None:
    statuses = (ReplyStatus.FAILED, ReplyStatus.COMPLETE)
    conversation = conversation_make(world.widget, statuses=statuses)
    assert vars(conversations_listed().get(pk=conversation.pk))["last_status"] == "complete"


def test_a_conversation_without_a_reply_has_no_status(world: World) -> None:
    conversation = conversation_make(world.widget, statuses=())
    assert vars(conversations_listed().get(pk=conversation.pk))["last_status"] is None


def test_counts_are_of_the_last_day_and_a_conversation_goes_wrong_once(world: World) -> None:
    conversation_make(world.widget, statuses=(ReplyStatus.FAILED, ReplyStatus.INTERRUPTED))
    old = conversation_make(world.widget, statuses=(ReplyStatus.FAILED,))
    now = timezone.now()
    Conversation.objects.filter(pk=old.pk).update(active_at=now - timedelta(days=2))
    counts = review_counts(now)
    assert counts.conversations == 2
    assert counts.went_wrong == 2
    assert counts.answering == 2
