"""When the way to a person is shown: each condition alone, none unasked for, all at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conversations.chat.offers import Course, Way, way_to_person
from conversations.hours import hours_of
from conversations.models import Offer

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NIGHT = MONDAY_NOON + timedelta(hours=11)
OFFICE = hours_of({"mon": "09:00-17:00"}, ZoneInfo("UTC"))
NO_HOURS = hours_of({}, ZoneInfo("UTC"))
ALL = tuple(Offer.values)


@pytest.mark.parametrize(
    ("offer", "course", "now"),
    [
        (Offer.REQUEST, Course(has_asked_for_human=True), MONDAY_NOON),
        (Offer.FAILURES, Course(failed_count=2), MONDAY_NOON),
        (Offer.AWAY, Course(), NIGHT),
        (Offer.ASSISTANT, Course(is_offered=True), MONDAY_NOON),
    ],
)
def test_each_condition_offers_it_if_the_widget_says_so(
    offer: Offer, course: Course, now: datetime
) -> None:
    others = [other for other in ALL if other not in {offer, Offer.ALWAYS}]
    assert way_to_person([offer], 2, OFFICE, course, now) is Way.OFFER
    assert way_to_person(ALL, 2, OFFICE, course, now) is Way.OFFER
    assert way_to_person(others, 2, OFFICE, course, now) is None
    assert way_to_person([], 2, OFFICE, course, now) is None
    assert way_to_person([Offer.ALWAYS], 2, OFFICE, course, now) is Way.MENU


def test_without_reason_it_stands_in_the_menu_at_the_most() -> None:
    assert way_to_person(ALL, 2, OFFICE, Course(), MONDAY_NOON) is Way.MENU
    assert way_to_person(ALL[1:], 2, OFFICE, Course(), MONDAY_NOON) is None


def test_one_failure_fewer_is_not_enough() -> None:
    offers = [Offer.FAILURES]
    assert way_to_person(offers, 3, OFFICE, Course(failed_count=2), MONDAY_NOON) is None
    assert way_to_person(offers, 3, OFFICE, Course(failed_count=3), MONDAY_NOON) is Way.OFFER


def test_without_hours_nobody_is_ever_away() -> None:
    assert way_to_person([Offer.AWAY], 2, NO_HOURS, Course(), NIGHT) is None
