"""A random sample of conversations that stays the same while one works through it; pure choice.

Ids are hashes, so those that follow a point drawn at random are a fair sample of whatever they
are taken from. The point is in the address of the page; and conversations that begin after it
was drawn are left out, so that they move nobody.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID

from django.db.models import QuerySet

from conversations.models import Conversation

MOST = 500
SIZES = (20, 50, 200)
_WRITTEN = re.compile(r"(\d{1,3})-([0-9a-f]{1,16})-(\d{1,11})")


@dataclass(frozen=True, slots=True)
class Sample:
    """How many, from which point, of those that had begun by then."""

    size: int
    seed: str
    until: datetime

    def __str__(self) -> str:
        """Return it as it stands in an address."""
        return f"{self.size}-{self.seed}-{self.until.timestamp():.0f}"


def sample_draw(now: datetime, size: int) -> Sample:
    """Return a new sample."""
    return Sample(size, secrets.token_hex(4), now)


def sample_parse(written: str) -> Sample | None:
    """Return the sample that an address names; None if it names none."""
    found = _WRITTEN.fullmatch(written)
    if not found:
        return None
    until = datetime.fromtimestamp(int(found[3]), tz=UTC)
    return Sample(max(1, min(int(found[1]), MOST)), found[2], until)


def sample_take(conversations: QuerySet[Conversation], sample: Sample) -> QuerySet[Conversation]:
    """Narrow conversations down to a sample of them, by one query or two."""
    point = UUID(bytes=blake2b(sample.seed.encode(), digest_size=16).digest())
    rows = conversations.filter(created_at__lte=sample.until).order_by("pk")
    keys = list(rows.filter(pk__gte=point).values_list("pk", flat=True)[: sample.size])
    if missing := sample.size - len(keys):  # from the end of all ids on to their beginning
        keys += rows.filter(pk__lt=point).values_list("pk", flat=True)[:missing]
    return conversations.filter(pk__in=keys)
