"""The queue of conversations to read: assigned, done, skipped, next.

A queue is any list of conversations that staff have filtered; what is asked here is which of
them somebody should read now. One conversation is read by one person at a time: it is claimed
by one conditional UPDATE, and a claim that nobody touches lapses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet

from conversations.models import Conversation, Review, ReviewSkip

ASSIGNMENT_LASTS = timedelta(minutes=30)
# Counting a hundred thousand takes longer than reading one.
MOST_COUNTED = 100
# Claimed away from under us this often in a row, the queue is as good as empty.
CLAIM_TRIES = 20


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How much there is to read.

    Args:
        waiting: How many conversations of the queue nobody has read to their end; counted no
            further than ``MOST_COUNTED``.
        done_today: How many this person has done since midnight.
    """

    waiting: int
    done_today: int

    @property
    def has_more(self) -> bool:
        """Whether more wait than were counted."""
        return self.waiting >= MOST_COUNTED


def unreviewed(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Return those that nobody has read to their end."""
    return conversations.filter(
        Q(review=None) | Q(review__reviewed_count__lt=F("message_count")), message_count__gt=0
    )


def queue_counts(
    conversations: QuerySet[Conversation], person: User, midnight: datetime
) -> QueueCounts:
    """Return how much of a queue waits, and how much this person has done today."""
    return QueueCounts(
        waiting=unreviewed(conversations)[:MOST_COUNTED].count(),
        done_today=Review.objects.filter(done_by=person, done_at__gte=midnight).count(),
    )


def review_next(
    *, conversations: QuerySet[Conversation], person: User, now: datetime, after: UUID | None = None
) -> UUID | None:
    """Assign the next conversation of a queue to a person and return it; None if none is left.

    Args:
        conversations: The queue, in its order.
        person: Who reads.
        now: The time.
        after: The conversation that was just read: it is not offered again.
    """
    lapsed = now - ASSIGNMENT_LASTS
    offered = unreviewed(conversations).exclude(
        pk__in=ReviewSkip.objects.filter(
            person=person, message_count__gte=F("conversation__message_count")
        ).values("conversation")
    )
    free = offered.filter(
        Q(review=None)
        | Q(review__reviewer=None)
        | Q(review__reviewer=person)
        | Q(review__assigned_at__lt=lapsed)
    )
    if after:
        free = free.exclude(pk=after)
    for pk in free.values_list("pk", flat=True)[:CLAIM_TRIES]:
        if review_assign(conversation=pk, person=person, now=now):
            return pk
    return None


@transaction.atomic
def review_assign(*, conversation: UUID, person: User, now: datetime) -> bool:
    """Make a person the reader of a conversation; False if somebody else is, right now."""
    Review.objects.bulk_create([Review(conversation_id=conversation)], ignore_conflicts=True)
    claimed = Review.objects.filter(
        Q(reviewer=None) | Q(reviewer=person) | Q(assigned_at__lt=now - ASSIGNMENT_LASTS),
        pk=conversation,
    ).update(reviewer=person, assigned_at=now)
    return claimed > 0


@transaction.atomic
def review_finish(*, conversation: UUID, person: User, now: datetime) -> None:
    """Write down that a person has read everything that was said until now."""
    Review.objects.bulk_create([Review(conversation_id=conversation)], ignore_conflicts=True)
    read = Conversation.objects.values_list("message_count", flat=True).get(pk=conversation)
    Review.objects.filter(pk=conversation).update(
        reviewed_count=read, done_by=person, done_at=now, reviewer=None, assigned_at=None
    )


@transaction.atomic
def review_skip(*, conversation: UUID, person: User) -> None:
    """Leave a conversation to others, until somebody says something new in it."""
    read = Conversation.objects.values_list("message_count", flat=True).get(pk=conversation)
    ReviewSkip.objects.update_or_create(
        conversation_id=conversation, person=person, defaults={"message_count": read}
    )
    Review.objects.filter(pk=conversation, reviewer=person).update(reviewer=None, assigned_at=None)
