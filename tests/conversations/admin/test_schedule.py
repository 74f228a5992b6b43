"""Editors say when a version comes and goes, and see it on the template's page and for all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry

from conversations.models import PromptSchedule, PromptTemplate, ScheduleState
from conversations.prompts.schedules import schedules_run
from tests.admin_world import World
from tests.conversations.admin.workshop import BASE, editable, post

CALENDAR = "/admin/conversations/promptschedule/"


@pytest.fixture
def page(world: World) -> str:
    return f"{BASE}{world.template.pk}/schedule/"


def typed(world: World, **changes: str) -> dict[str, str]:
    return {
        "starts_at": "2098-11-27T00:00",
        "ends_at": "2098-11-30T00:00",
        "zone": "Asia/Shanghai",
        "note": "Black Friday",
        "seen": editable(world).changed_at.isoformat(),
        **changes,
    }


def newest() -> PromptSchedule:
    return PromptSchedule.objects.latest("pk")


def test_the_hours_are_read_on_the_clock_of_the_zone(world: World, page: str) -> None:
    html = post(world, page, typed(world)).content.decode()
    row = newest()
    assert row.starts_at == datetime(2098, 11, 26, 16, 0, tzinfo=UTC)
    assert row.ends_at == datetime(2098, 11, 29, 16, 0, tzinfo=UTC)
    assert (row.version.number, row.note, row.scheduled_by) == (
        3,
        "Black Friday",
        world.people["editor"],
    )
    assert "Shop v3 goes live on 2098-11-27 00:00 Asia/Shanghai." in html
    entry = LogEntry.objects.latest("pk")
    assert entry.get_change_message() == "Scheduled v3 for 2098-11-27 00:00 Asia/Shanghai."


def test_the_page_asks_first_and_shows_what_will_change(world: World, page: str) -> None:
    html = world.client("editor").get(page).content.decode()
    assert "<del>kindly</del><ins>briefly</ins>" in html
    assert 'type="datetime-local"' in html
    assert '<option value="UTC" selected>' in html
    assert editable(world).is_draft


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts_at": "2026-03-29T02:30", "zone": "Europe/Berlin"}, "does not exist there"),
        ({"ends_at": "2026-10-25T02:30", "zone": "Europe/Berlin"}, "comes twice there"),
        ({"starts_at": "tomorrow"}, "Write day and time"),
        ({"zone": "Moon/Base"}, "Select a valid choice"),
        ({"starts_at": "2020-01-01T00:00"}, "has passed already"),
        ({"ends_at": "2098-11-26T00:00"}, "must come after the start"),
        ({"starts_at": "", "ends_at": ""}, "Say when it goes live, or when it ends."),
        ({"ends_at": "2099-02-01T00:00"}, "Another schedule is in the way: v1, 2099-01-01 09:00"),
    ],
)
def test_a_fault_is_told_and_what_was_typed_stays(
    world: World, page: str, changes: dict[str, str], words: str
) -> None:
    html = post(world, page, typed(world, **changes)).content.decode()
    assert words in html
    assert "Black Friday" in html
    assert PromptSchedule.objects.count() == 1
    assert editable(world).is_draft


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-01-01T00:00:00+00:00"])
def test_a_draft_that_is_not_what_was_seen_is_not_scheduled(
    world: World, page: str, seen: str
) -> None:
    html = post(world, page, typed(world, seen=seen)).content.decode()
    assert "Please look at it again" in html
    assert PromptSchedule.objects.count() == 1


def test_saving_leads_on_to_the_hours(world: World) -> None:
    html = world.client("editor").get(f"{BASE}{world.template.pk}/change/").content.decode()
    assert 'name="_schedule"' in html


def test_what_waits_stands_on_the_templates_page(world: World, page: str) -> None:
    html = post(world, page, typed(world)).content.decode()
    assert "2098-11-27 00:00" in html
    assert "2098-11-30 00:00" in html
    assert "scheduled</span>" in html
    assert "A new draft, begun from v3, which is scheduled or tested" in html
    version = world.client("editor").get(f"{BASE}{world.template.pk}/versions/3/")
    assert "Final since" in version.content.decode()


def test_what_is_live_is_given_an_end(world: World) -> None:
    url = f"{BASE}{world.template.pk}/versions/2/schedule/"
    live = world.template.versions.get(number=2)
    assert "leave the start empty" in world.client("editor").get(url).content.decode()
    said = typed(world, starts_at="", seen=live.changed_at.isoformat())
    html = post(world, url, said).content.decode()
    assert "Shop v2 is live, and ends on 2098-11-30 00:00 Asia/Shanghai." in html
    assert newest().state == ScheduleState.RUNNING


def test_cancelling_asks_first_and_keeps_the_version(world: World) -> None:
    url = f"{BASE}{world.template.pk}/schedules/{world.schedule.pk}/cancel/"
    assert "v1 does not go live on" in world.client("editor").get(url).content.decode()
    html = post(world, url, {"seen": "waiting"}).content.decode()
    assert "The schedule of v1 is cancelled." in html
    assert newest().state == ScheduleState.CANCELLED
    assert newest().cancelled_by == world.people["editor"]
    assert "nothing to cancel" in world.client("editor").get(url, follow=True).content.decode()


def test_who_cancels_what_has_moved_on_is_told(world: World) -> None:
    url = f"{BASE}{world.template.pk}/schedules/{world.schedule.pk}/cancel/"
    html = post(world, url, {"seen": "running"}).content.decode()
    assert "in the meantime" in html
    assert newest().state == ScheduleState.WAITING


def test_a_schedule_of_another_template_is_not_found(world: World) -> None:
    other = PromptTemplate.objects.create(name="Other")
    url = f"{BASE}{other.pk}/schedules/{world.schedule.pk}/cancel/"
    assert world.client("editor").get(url).status_code == 404


def test_the_calendar_shows_the_days_to_come_in_order_then_what_is_over(
    world: World, page: str
) -> None:
    post(world, page, typed(world))
    client = world.client("editor")
    response = client.get(CALENDAR)
    events = [event for _day, those in response.context["days"] for event in those]
    assert [(event.schedule.version.number, event.is_end) for event in events] == [
        (3, False),
        (3, True),
        (1, False),
    ]
    assert [str(day) for day, _ in response.context["days"]] == [
        "2098-11-27",
        "2098-11-30",
        "2099-01-01",
    ]
    schedules_run(datetime(2099, 6, 1, tzinfo=UTC))
    response = client.get(CALENDAR)
    assert response.context["days"] == []
    assert [row.state for row in response.context["past"]] == ["done", "missed"]
    html = response.content.decode()
    assert "Missed" in html
    assert "Nothing is to come." in html


def test_a_move_that_happened_by_itself_says_so(world: World) -> None:
    schedules_run(datetime(2099, 6, 1, tzinfo=UTC))
    response = world.client("editor").get(f"{BASE}{world.template.pk}/change/")
    assert [move.is_scheduled for move in response.context["moves"]] == [True, False, False]
    assert "as scheduled" in response.content.decode()


def test_without_schedules_the_calendar_says_what_they_are_for(world: World) -> None:
    PromptSchedule.objects.all().delete()
    html = world.client("editor").get(CALENDAR).content.decode()
    assert "Nothing is scheduled" in html


def test_the_page_is_led_to_from_the_sidebar(world: World) -> None:
    html = world.client("editor").get("/admin/").content.decode()
    assert f'href="{CALENDAR}"' in html
