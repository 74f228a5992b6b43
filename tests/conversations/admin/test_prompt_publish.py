"""Publishing and going back ask first, and each needs its own permission."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from conversations.models import PromptMove, PromptTemplate
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_create
from conversations.prompts.services import draft_save
from tests.admin_world import World
from tests.conversations.admin.workshop import BASE, editable, post, typed


def test_publishing_asks_first_and_shows_what_will_change(world: World) -> None:
    html = world.client("editor").get(f"{BASE}{world.template.pk}/publish/").content.decode()
    assert "new conversations on 1 widget" in html
    assert "<del>kindly</del><ins>briefly</ins>" in html
    world.template.refresh_from_db()
    assert world.template.live is not None
    assert world.template.live.number == 2


def test_publishing_makes_the_draft_live_and_logs_why(world: World) -> None:
    seen = editable(world).changed_at.isoformat()
    post(world, f"{BASE}{world.template.pk}/publish/", {"note": "Briefer", "seen": seen})
    move = PromptMove.objects.first()
    assert move is not None
    assert (move.moved_to.number, move.reason, move.moved_by) == (
        3,
        "Briefer",
        world.people["editor"],
    )


def test_before_publishing_one_is_told_what_may_be_too_long_and_refused_what_is(
    world: World, workshop: str, settings: Settings
) -> None:
    url, editor = f"{BASE}{world.template.pk}/publish/", world.client("editor")
    settings.MODEL_CONTEXT_TOKENS = {"sandbox-1": 1000}
    saved = post(world, workshop, typed(world, route="sandbox / sandbox-1"))
    for html in (saved.content.decode(), editor.get(url).content.decode()):
        assert "sandbox-1 takes 1000:" in html
    settings.MODEL_CONTEXT_TOKENS = {"sandbox-1": 1}
    live = world.template.live
    response = post(world, url, {"note": "", "seen": editable(world).changed_at.isoformat()})
    assert "Shorten them, or choose another model." in response.content.decode()
    world.template.refresh_from_db()
    assert world.template.live == live


def test_save_and_publish_leads_from_the_form_to_the_question(world: World, workshop: str) -> None:
    response = post(world, workshop, typed(world, instructions="Ready.", _publish="1"))
    assert response.request["PATH_INFO"] == f"{BASE}{world.template.pk}/publish/"
    assert editable(world).instructions == "Ready."


def test_going_back_asks_first_and_then_moves_the_pointer(world: World) -> None:
    url = f"{BASE}{world.template.pk}/versions/1/revert/"
    assert "v1 instead of v2" in world.client("editor").get(url).content.decode()
    post(world, url, {"note": "Too brief", "seen": str(world.template.live_id)})
    world.template.refresh_from_db()
    assert world.template.live is not None
    assert world.template.live.number == 1


@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        (
            "publish_promptversion",
            ("publish/", "schedule/", "versions/1/schedule/", "schedules/{schedule}/cancel/"),
        ),
        ("revert_promptversion", ("versions/1/revert/",)),
    ],
)
def test_writing_publishing_and_going_back_are_allowed_apart(
    world: World, taken: str, refused: tuple[str, ...]
) -> None:
    editors = world.people["editor"].groups.get()
    editors.permissions.remove(editors.permissions.get(codename=taken))
    client = world.client("editor")
    base = f"{BASE}{world.template.pk}/"
    pages = (
        *("change/", "publish/", "schedule/", "versions/1/schedule/", "versions/1/revert/"),
        "schedules/{schedule}/cancel/",
    )
    for page in pages:
        url = base + page.format(schedule=world.schedule.pk)
        allowed = page not in refused
        assert (client.get(url).status_code == 200) is allowed, page
        assert (client.post(url).status_code == 403) is not allowed, page


def test_making_a_version_live_that_never_was_is_publishing(world: World) -> None:
    row = schedule_create(version=editable(world), hours=Hours(datetime(2098, 1, 1, tzinfo=UTC)))
    url = f"{BASE}{world.template.pk}/versions/{row.version.number}/revert/"
    editors = world.people["editor"].groups.get()
    client = world.client("editor")
    assert "Publish Shop v3?" in client.get(url).content.decode()
    post(world, url, {"note": "Now", "seen": str(world.template.live_id)})
    world.template.refresh_from_db()
    assert world.template.live == row.version
    other = draft_save(
        template=world.template,
        content=PromptContent(instructions="Next."),
        seen=row.version.changed_at,
    )
    schedule_create(version=other, hours=Hours(datetime(2097, 1, 1, tzinfo=UTC)))
    editors.permissions.remove(editors.permissions.get(codename="publish_promptversion"))
    assert client.get(f"{BASE}{world.template.pk}/versions/4/revert/").status_code == 403
    assert client.get(f"{BASE}{world.template.pk}/versions/2/revert/").status_code == 200


def test_running_conversations_go_on_with_it_where_the_editor_says_so(world: World) -> None:
    seen = editable(world).changed_at.isoformat()
    url = f"{BASE}{world.template.pk}/"
    post(world, f"{url}publish/", {"note": "", "seen": seen})
    world.conversation.refresh_from_db()
    assert world.conversation.prompt_version.number == 2
    world.template.refresh_from_db()
    said = {"note": "", "seen": str(world.template.live_id), "with_running": "on"}
    post(world, f"{url}versions/1/revert/", said)
    world.conversation.refresh_from_db()
    assert world.conversation.prompt_version.number == 1


def guard(world: World) -> None:
    PromptTemplate.objects.update(needs_second_person=True)


@pytest.mark.parametrize("page", ["publish/", "schedule/"])
def test_who_wrote_it_is_told_that_a_colleague_publishes(world: World, page: str) -> None:
    guard(world)
    url = f"{BASE}{world.template.pk}/"
    html = world.client("editor").get(f"{url}{page}", follow=True).content.decode()
    assert "a second pair of eyes" in html
    assert "Ask a colleague to read and publish it" in html
    seen = editable(world).changed_at.isoformat()
    said = {"note": "", "seen": seen, "starts_at": "2098-01-01T09:00", "zone": "UTC"}
    post(world, f"{url}{page}", said)
    assert editable(world).is_draft


def test_a_colleague_finds_it_and_publishes(world: World, workshop: str) -> None:
    guard(world)
    html = world.client("owner").get(workshop).content.decode()
    assert "editor wrote this draft, and waits for you to read it." in html
    assert "Save and publish" not in html
    seen = editable(world).changed_at.isoformat()
    post(world, f"{BASE}{world.template.pk}/publish/", {"note": "", "seen": seen}, person="owner")
    assert editable(world).number == 3


def test_only_who_may_decide_it_asks_for_a_second_person(world: World, workshop: str) -> None:
    post(world, workshop, typed(world, needs_second_person="on"))
    world.template.refresh_from_db()
    assert not world.template.needs_second_person
    post(world, workshop, typed(world, needs_second_person="on"), person="owner")
    world.template.refresh_from_db()
    assert world.template.needs_second_person
    post(world, workshop, typed(world))
    world.template.refresh_from_db()
    assert world.template.needs_second_person
