"""When a customer is offered to leave a message for the team: THE rule, in docs/team.md; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from conversations.hours import Hours, is_open
from conversations.models import Offer


class Way(StrEnum):
    """How the chat shows the way to a person."""

    MENU = "menu"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Course:
    """How a conversation went so far; the defaults are of one that has not begun.

    Args:
        has_asked_for_human: Whether the customer asked for a person.
        failed_count: How many replies failed or broke off.
        is_offered: Whether the assistant offered it in one of its replies.
    """

    has_asked_for_human: bool = False
    failed_count: int = 0
    is_offered: bool = False


def way_to_person(
    offers: Collection[str], failures: int, hours: Hours, course: Course, now: datetime
) -> Way | None:
    """Return how the way is shown: an entry of the menu, an offer under the answers, or not.

    The conditions add up: one that is met is enough, and an offer comes with the menu's entry.

    Args:
        offers: When the widget offers it, as names of ``Offer``.
        failures: After how many failed replies.
        hours: The widget's office hours; without any, nobody is ever away.
        course: How the conversation went.
        now: Any aware moment.
    """
    is_met = {
        Offer.REQUEST: course.has_asked_for_human,
        Offer.FAILURES: course.failed_count >= failures,
        Offer.AWAY: hours.has_any and not is_open(hours, now),
        Offer.ASSISTANT: course.is_offered,
    }
    if any(is_so and offer in offers for offer, is_so in is_met.items()):
        return Way.OFFER
    return Way.MENU if Offer.ALWAYS in offers else None
