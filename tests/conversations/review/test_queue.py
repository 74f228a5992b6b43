"""The queue of conversations to read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from conversations.models import Conversation, Review
from conversations.review.queue import (
    ASSIGNMENT_LASTS,
    queue_counts,
    review_assign,
    review_finish,
    review_next,
    review_skip,
    unreviewed,
)
from tests.admin_world import World, conversation_make

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def queue(world: World) -> QuerySet[Conversation]:
    """Two conversations, b before a."""
    Conversation.objects.all().delete()
    conversation_make(world.widget, opening="a")
    conversation_make(world.widget, opening="b")
    return Conversation.objects.order_by("-opening")


def test_the_first_that_waits_comes_first(world: World, queue: QuerySet[Conversation]) -> None:
    first, second = queue
    support = world.people["support"]
    assert review_next(conversations=queue, person=support, now=NOW) == first.pk
    review_finish(conversation=first.pk, person=support, now=NOW)
    assert review_next(conversations=queue, person=support, now=NOW) == second.pk
    review_finish(conversation=second.pk, person=support, now=NOW)
    assert review_next(conversations=queue, person=support, now=NOW) is None


def test_two_people_never_read_the_same(world: World, queue: QuerySet[Conversation]) -> None:
    first, second = queue
    support, owner = world.people["support"], world.people["owner"]
    assert review_next(conversations=queue, person=support, now=NOW) == first.pk
    assert review_next(conversations=queue, person=owner, now=NOW) == second.pk
    assert not review_assign(conversation=first.pk, person=owner, now=NOW)
    assert review_assign(conversation=first.pk, person=support, now=NOW)


def test_an_assignment_that_nobody_touches_lapses(
    world: World, queue: QuerySet[Conversation]
) -> None:
    first, _second = queue
    support, owner = world.people["support"], world.people["owner"]
    assert review_assign(conversation=first.pk, person=support, now=NOW)
    later = NOW + ASSIGNMENT_LASTS + timedelta(seconds=1)
    assert review_next(conversations=queue, person=owner, now=later) == first.pk
    assert Review.objects.get(pk=first.pk).reviewer == owner


def test_what_is_said_afterwards_waits_again(world: World, queue: QuerySet[Conversation]) -> None:
    first, _second = queue
    review_finish(conversation=first.pk, person=world.people["support"], now=NOW)
    assert first not in unreviewed(queue)
    Conversation.objects.filter(pk=first.pk).update(message_count=first.message_count + 2)
    assert first in unreviewed(queue)


def test_what_somebody_skips_is_offered_to_others(
    world: World, queue: QuerySet[Conversation]
) -> None:
    first, second = queue
    support, owner = world.people["support"], world.people["owner"]
    assert review_next(conversations=queue, person=support, now=NOW) == first.pk
    review_skip(conversation=first.pk, person=support)
    assert review_next(conversations=queue, person=support, now=NOW) == second.pk
    assert review_next(conversations=queue, person=owner, now=NOW) == first.pk
    Conversation.objects.filter(pk=first.pk).update(message_count=first.message_count + 2)
    Review.objects.update(reviewer=None)
    assert review_next(conversations=queue, person=support, now=NOW) == first.pk


def test_the_one_just_read_is_not_offered_again(
    world: World, queue: QuerySet[Conversation]
) -> None:
    first, second = queue
    found = review_next(
        conversations=queue, person=world.people["support"], now=NOW, after=first.pk
    )
    assert found == second.pk


def test_it_counts_what_waits_and_what_one_did_today(
    world: World, queue: QuerySet[Conversation]
) -> None:
    first, second = queue
    support = world.people["support"]
    review_finish(conversation=first.pk, person=support, now=NOW)
    review_finish(conversation=second.pk, person=support, now=NOW - timedelta(days=2))
    Conversation.objects.filter(pk=second.pk).update(message_count=99)
    counts = queue_counts(queue, support, NOW - timedelta(hours=1))
    assert (counts.waiting, counts.done_today) == (1, 1)


def test_a_conversation_without_a_word_is_nothing_to_read(world: World) -> None:
    Conversation.objects.all().delete()
    conversation_make(world.widget, opening="", statuses=())
    Conversation.objects.update(message_count=0)
    assert not unreviewed(Conversation.objects.all())
