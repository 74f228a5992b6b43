"""What a turn reads of the database, as values: one kind for each question asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from conversations.models import Message, Outcome


@dataclass(slots=True)
class Locked:
    """A conversation whose row is locked until the transaction ends."""

    pk: UUID
    prompt_version: int
    revision: int = 0
    message_count: int = 0
    outcome: str = Outcome.OPEN
    failed_count: int = 0
    has_asked_for_human: bool = False
    most_repeated: int = 0
    tokens: int = 0


class Told(NamedTuple):
    """A message as its readers are told of it; from ``status`` on it is of an answer's reply."""

    pk: int
    position: int
    revision: int
    author: str
    client_id: UUID | None
    text: str
    created_at: datetime
    status: str | None
    attempt: int | None
    error_code: str | None
    rating: str | None
    rating_reason: str | None
    rating_comment: str | None


TOLD = (
    *("pk", "position", "revision", "author", "client_id", "text", "created_at"),
    *("reply__status", "reply__attempt", "reply__error_code"),
    *("reply__rating__value", "reply__rating__reason", "reply__rating__comment"),
)


def told(conversation: Any) -> QuerySet[Message]:
    """Return the messages of a conversation, in their order, to be read as ``Told``."""
    return Message.objects.filter(conversation=conversation).order_by("position")


class WayBasis(NamedTuple):
    """What the way to a person depends on: how a conversation went, and what its widget offers."""

    has_asked_for_human: bool
    failed_count: int
    is_offered: bool
    has_left: bool
    revision: int
    offers: list[str]
    failures: int
    office_hours: dict[str, Any]
    time_zone: str


class Asked(NamedTuple):
    """What a claimed reply is about."""

    position: int
    conversation: UUID
    widget: int
    widget_name: str
    visitor: UUID
    customer: UUID | None
    customer_name: str | None
    customer_attributes: dict[str, Any]
    page_attributes: dict[str, Any]
    locale: str
    page_url: str
    is_masking: bool
    forbidden_regions: list[str]
    version: int
    version_published_at: datetime | None
