"""What a customer's browser is told of the way to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from conversations.chat import statements
from conversations.chat.offers import Course, way_to_person
from conversations.chat.rows import WayBasis
from conversations.hours import Hours, next_change
from conversations.models import Offer, TeamMessage, Widget
from conversations.models.widget import hours_kept

# Nobody leaves more in one conversation; it bounds what each change tells.
SHOWN = 10
# Of a widget to which they make no difference, so that nobody reads them.
ANY_HOURS = Hours(ZoneInfo("UTC"), ())


def team_is_offered(widget: int) -> bool:
    """Return whether a widget ever offers it; if not, nothing is to be told."""
    return Widget.objects.filter(pk=widget).exclude(team_offers=[]).exists()


@dataclass(frozen=True, slots=True)
class TeamTold:
    """What there is to tell.

    Args:
        told: As the protocol describes it; None while there is neither a way nor anything left.
        revision: The conversation's when it was read; 0 if there is none.
        hours: The office's, where they change the way; else without any.
        now: When that was so.
    """

    told: dict[str, Any] | None
    revision: int
    hours: Hours
    now: datetime

    @property
    def until(self) -> datetime | None:
        """When the office opens or closes next, which changes the way; None if it never does."""
        return next_change(self.hours, self.now) if self.hours.has_any else None


def team_told(widget: int, conversation: UUID | None, now: datetime) -> TeamTold:
    """Return the way to a person, and what was left for the team. A plain function for ``db()``.

    Args:
        widget: The widget's id.
        conversation: The customer's own; None before its first message.
        now: Any aware moment.
    """
    known = conversation and statements.way_basis.first(conversation=conversation)
    known = known or _basis_before(widget)  # also for one that was erased a moment ago
    asked = _asked(conversation) if conversation and known.has_left else []
    is_timed = Offer.AWAY in known.offers
    hours = hours_kept(known.office_hours, known.time_zone) if is_timed else ANY_HOURS
    way = way_to_person(
        known.offers,
        known.failures,
        hours,
        Course(known.has_asked_for_human, known.failed_count, is_offered=known.is_offered),
        now,
    )
    told = {"way": way, "asked": asked} if way or asked else None
    return TeamTold(told, known.revision, hours, now)


def _basis_before(widget: int) -> WayBasis:
    """Return what the way depends on while nothing has been said."""
    row = Widget.objects.filter(pk=widget)
    offered = row.values_list("team_offers", "team_failures", "office_hours", "time_zone").get()
    return WayBasis(False, 0, False, False, 0, *offered)  # noqa: FBT003 - a row's columns


def _asked(conversation: UUID) -> list[dict[str, Any]]:
    rows = TeamMessage.objects.filter(conversation=conversation).order_by("-left_at")[:SHOWN]
    return [
        {
            "id": str(row.client_id),
            "at": row.left_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "email": row.email,
            "open": row.closed_at is None,
        }
        for row in reversed(rows)
    ]
