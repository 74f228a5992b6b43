"""Editors write drafts in the workshop, and what they typed stays."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from conversations.models import PromptTemplate
from conversations.prompts.content import PromptContent
from tests.admin_world import World
from tests.conversations.admin.workshop import BASE, as_shown, editable, post, typed


def test_the_form_shows_the_draft(world: World, workshop: str) -> None:
    html = world.client("editor").get(workshop).content.decode()
    assert "You speak briefly." in html
    assert "v2" in html


def test_saving_keeps_the_draft_and_says_that_customers_do_not_see_it_yet(
    world: World, workshop: str
) -> None:
    data = typed(
        world,
        {"name": "shop", "default": "Harbour", "sample": "", "required": "on"},
        instructions="You speak for {{shop}}.",
        route="sandbox / sandbox-1\n\n openrouter/meta/llama-4 ",
        note="Names the shop",
    )
    response = post(world, workshop, data)
    draft = editable(world)
    assert "Customers see it once you publish it" in response.content.decode()
    assert draft.is_draft
    assert draft.instructions == "You speak for {{shop}}."
    assert draft.route == [["sandbox", "sandbox-1"], ["openrouter", "meta/llama-4"]]
    assert draft.variables == [
        {
            "name": "shop",
            "type": "text",
            "source": "fixed",
            "default": "Harbour",
            "sample": "",
            "required": True,
        }
    ]
    assert (draft.author, draft.note) == (world.people["editor"], "Names the shop")
    assert LogEntry.objects.filter(user=world.people["editor"]).count() == 1


def test_saving_what_is_shown_loses_nothing(world: World, workshop: str) -> None:
    row = {"name": "shop", "default": "Harbour", "sample": "", "required": "on"}
    post(world, workshop, typed(world, row, instructions="For {{shop}}.", note="Named"))
    before = editable(world)
    post(world, workshop, as_shown(world))
    after = editable(world)
    assert after.changed_at > before.changed_at
    assert PromptContent.of(after) == PromptContent.of(before)
    assert (after.note, after.variables[0]["name"]) == ("Named", "shop")


def test_the_line_ends_that_browsers_send_are_no_change(world: World, workshop: str) -> None:
    lines = "You are kind.\nYou are brief.\n\nQ: Where?\nA: Here."
    world.client("editor").post(workshop, typed(world, instructions=lines.replace("\n", "\r\n")))
    assert editable(world).instructions == lines


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instructions": "{{who}}"}, "No variable is declared for {{who}}."),
        ({"instructions": ""}, "This field is required."),
        ({"temperature": "3"}, "less than or equal to 2"),
        ({"route": "sandbox"}, "provider / model"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_fault_is_told_and_what_was_typed_stays(
    world: World, workshop: str, changes: dict[str, str], words: str
) -> None:
    before = editable(world).changed_at
    html = post(world, workshop, typed(world, **{"note": "my note", **changes})).content.decode()
    assert words in html
    assert "my note" in html
    assert editable(world).changed_at == before


def test_a_new_template_starts_with_a_draft_and_nothing_live(world: World) -> None:
    post(world, f"{BASE}add/", typed(world, name="Second", seen=""))
    template = PromptTemplate.objects.get(name="Second")
    assert template.live is None
    assert template.versions.get().is_draft


def test_who_may_only_read_sees_the_form_without_buttons(world: World, workshop: str) -> None:
    editors = world.people["editor"].groups.get()
    for codename in ("change_prompttemplate", "publish_promptversion", "revert_promptversion"):
        editors.permissions.remove(editors.permissions.get(codename=codename))
    html = world.client("editor").get(workshop).content.decode()
    assert "Save draft" not in html
    assert world.client("editor").post(workshop, typed(world)).status_code == 403


def test_any_two_versions_are_compared(world: World) -> None:
    url = f"{BASE}{world.template.pk}/compare/?before=1&after=draft"
    html = world.client("editor").get(url).content.decode()
    assert "<ins>briefly</ins>" in html
    assert "Temperature" in html


def test_a_version_that_does_not_exist_is_not_found(world: World) -> None:
    client = world.client("editor")
    assert client.get(f"{BASE}{world.template.pk}/versions/9/").status_code == 404
    assert client.get(f"{BASE}999/change/").status_code == 404
