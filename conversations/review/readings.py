"""Who has read which conversation, and when."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User

from conversations.models import Conversation, Reading


def reading_note(*, reader: User, conversation: Conversation, now: datetime) -> None:
    """Note that somebody reads a conversation; within an hour once."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    reading = Reading(
        reader=reader,
        reader_name=reader.get_username(),
        conversation=conversation,
        hour=hour,
        read_at=now,
    )
    Reading.objects.bulk_create([reading], ignore_conflicts=True)
