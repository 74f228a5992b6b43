"""Conversations are counted and listed by what became of their replies."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conversations.models import Conversation, ReplyStatus
from conversations.review.selectors import review_counts
from tests.admin_world import World, conversation_make


def test_counts_are_of_the_last_day_and_a_conversation_goes_wrong_once(world: World) -> None:
    conversation_make(world.widget, statuses=(ReplyStatus.FAILED, ReplyStatus.INTERRUPTED))
    old = conversation_make(world.widget, statuses=(ReplyStatus.FAILED,))
    now = timezone.now()
    Conversation.objects.filter(pk=old.pk).update(active_at=now - timedelta(days=2))
    counts = review_counts(now)
    assert counts.conversations == 2
    assert counts.went_wrong == 2
    assert counts.answering == 2


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no workers")
def test_no_page_takes_more_than_one_core_of_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_parallel_workers_per_gather")
        assert cursor.fetchone() == ("0",)
