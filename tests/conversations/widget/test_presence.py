from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from conversations.hours import DAYS, hours_of
from conversations.models import Widget
from conversations.widget.presence import CHANGES_TOLD, Presence, presence_at

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = hours_of(dict.fromkeys(DAYS[:5], "09:00-17:00"), BERLIN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_a_widget_without_hours_speaks_of_none() -> None:
    always = Presence("Answers at once", ())
    assert presence_at(hours_of({}, BERLIN), "Away", at("2026-11-23 03:00")) == always


def test_outside_the_hours_it_says_when_the_team_is_back() -> None:
    friday_night = presence_at(OFFICE, "", at("2026-11-27 20:00"))
    assert friday_night.text == "Team back Monday, 09:00"
    assert friday_night.changes[0] == (at("2026-11-30 09:00"), "Answers at once")


def test_within_the_hours_it_knows_what_it_will_say_after_them_for_days() -> None:
    thursday = presence_at(OFFICE, "", at("2026-11-26 10:00"))
    assert thursday.text == "Answers at once"
    assert len(thursday.changes) == CHANGES_TOLD
    assert thursday.changes[:4] == (
        (at("2026-11-26 17:00"), "Team back Friday, 09:00"),
        (at("2026-11-27 09:00"), "Answers at once"),
        (at("2026-11-27 17:00"), "Team back Monday, 09:00"),
        (at("2026-11-30 09:00"), "Answers at once"),
    )


def test_the_owners_words_may_name_the_day_and_the_time() -> None:
    words = "We are at sea until {day} {time} {sharp}"
    assert presence_at(OFFICE, words, at("2026-11-27 20:00")).text == (
        "We are at sea until Monday 09:00 {sharp}"
    )


def test_the_day_is_named_in_the_customers_language() -> None:
    with override("zh-hans"):
        assert "星期一" in presence_at(OFFICE, "{day}", at("2026-11-27 20:00")).text


def test_an_office_that_never_closes_says_nothing_of_it() -> None:
    always = hours_of(dict.fromkeys(DAYS, "00:00-24:00"), BERLIN)
    assert presence_at(always, "", at("2026-11-23 03:00")).changes == ()


@pytest.mark.parametrize("name", ["", "Europe/Atlantis", "../../etc/passwd"])
def test_a_time_zone_that_is_none_is_the_sites(name: str) -> None:
    assert Widget(time_zone=name).hours.zone == ZoneInfo("UTC")


def test_a_widget_has_a_time_zone_of_its_own() -> None:
    assert Widget(time_zone="Europe/Berlin").hours.zone == BERLIN
