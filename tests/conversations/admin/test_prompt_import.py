"""A file is shown part by part before it changes anything, and a broken one changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations.models import PromptCase, PromptTemplate, PromptVersion
from conversations.transfer.services import template_export
from tests.admin_world import World

URL = "/admin/conversations/prompttemplate/import/"


def document(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        template_export(PromptTemplate.objects.select_related("live").get(name="Shop"))
    )
    return found


def show(client: Client, content: dict[str, Any] | bytes) -> Any:
    data = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
    return client.post(URL, {"file": SimpleUploadedFile("shop.json", data)})


def agree(client: Client, shown: Any, **more: str) -> Any:
    context = shown.context
    fields = {"document": context["text"], "digest": context["plan"].digest, **more}
    return client.post(URL, fields)


def states(shown: Any) -> list[tuple[str, str]]:
    return [(step.change.value, row[0]) for step, row in _pairs(shown)]


def _pairs(shown: Any) -> Any:
    return zip(shown.context["plan"].steps, shown.context["rows"], strict=True)


def counts() -> tuple[int, ...]:
    return (
        PromptTemplate.objects.count(),
        PromptVersion.objects.count(),
        PromptCase.objects.count(),
    )


def test_what_a_file_would_change_is_shown_and_nothing_is_changed(world: World) -> None:
    changed = document(world)
    changed["versions"].append({**changed["versions"][1], "number": 3, "note": "From git"})
    changed["draft"]["instructions"] = ["From git."]
    changed["cases"].append({**changed["cases"][0], "name": "Other"})
    before = counts()
    shown = show(world.client("editor"), changed)
    assert states(shown) == [
        ("same", "v1"),
        ("same", "v2, live in the file"),
        ("new", "v3"),
        ("different", "Draft"),
        ("same", "Test case “Tracking”"),
        ("new", "Test case “Other”"),
    ]
    assert counts() == before


def test_what_was_shown_is_done_and_what_is_live_stays(world: World) -> None:
    changed = document(world)
    changed["versions"].append({**changed["versions"][1], "number": 3, "note": "From git"})
    changed["live"] = 3
    client = world.client("editor")
    response = agree(client, show(client, changed))
    assert response.headers["Location"].endswith(f"/{world.template.pk}/change/")
    world.template.refresh_from_db()
    assert world.template.live is not None
    assert world.template.live.number == 2
    assert PromptVersion.objects.get(number=3).author == world.people["editor"]
    page = client.get(response.headers["Location"].replace("change/", "versions/3/"))
    assert "Publish …" in page.content.decode()


def test_a_new_template_comes_whole(world: World) -> None:
    client = world.client("editor")
    agree(client, show(client, document(world) | {"name": "Other", "needs_second_person": True}))
    other = PromptTemplate.objects.get(name="Other")
    assert (other.versions.count(), other.cases.count(), other.live) == (3, 1, None)
    assert other.needs_second_person


def test_what_differs_is_replaced_only_if_somebody_says_so(world: World) -> None:
    changed = document(world)
    changed["draft"]["instructions"] = ["From git."]
    client = world.client("editor")
    shown = show(client, changed)
    assert "Somebody else changed" in agree(client, shown).content.decode()
    assert PromptVersion.objects.get(number=None).instructions == "You speak briefly."
    agree(client, shown, replace="on")
    assert PromptVersion.objects.get(number=None).instructions == "From git."


def test_whoever_agreed_to_something_else_is_shown_it_anew(world: World) -> None:
    changed = document(world)
    changed["draft"]["instructions"] = ["From git."]
    client = world.client("editor")
    shown = show(client, changed)
    PromptVersion.objects.filter(number=None).update(changed_at="2027-01-01T00:00:00Z")
    again = agree(client, shown, replace="on")
    assert "in the meantime" in again.content.decode()
    assert PromptVersion.objects.get(number=None).instructions == "You speak briefly."
    agree(client, again, replace="on")
    assert PromptVersion.objects.get(number=None).instructions == "From git."


def test_a_file_that_contradicts_a_published_version_cannot_be_agreed_to(world: World) -> None:
    changed = document(world)
    changed["versions"][0]["instructions"] = ["Other"]
    client = world.client("editor")
    shown = show(client, changed)
    assert states(shown)[0] == ("refused", "v1")
    assert 'value="Import"' not in shown.content.decode()
    assert "never changes" in agree(client, shown).content.decode()
    assert PromptVersion.objects.get(number=1).instructions == "You speak for {{shop}}."


def test_a_file_that_says_what_is_here_has_nothing_to_agree_to(world: World) -> None:
    shown = show(world.client("editor"), document(world))
    assert "Everything in the file is here already." in shown.content.decode()
    assert 'value="Import"' not in shown.content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b'{\n  "format": 1,\n}', "Line 3: "),
        (b'{\n  "name": "\xff"}', "Line 2: no UTF-8 text."),
        (b"x" * 1_000_001, "up to 1 MB"),
        (b'{\n\n "format": "other/1"}', "missing"),
    ],
)
def test_a_broken_file_changes_nothing_and_says_which_line(
    world: World, data: bytes, words: str
) -> None:
    before = counts()
    response = show(world.client("editor"), data)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert counts() == before


def test_a_broken_text_in_place_of_the_file_is_told_as_well(world: World) -> None:
    response = world.client("editor").post(URL, {"document": "{", "digest": ""})
    assert "Line 1: " in response.content.decode()


def test_the_rule_of_the_second_person_is_not_changed_by_a_file(world: World) -> None:
    changed = document(world) | {"needs_second_person": True, "description": "New"}
    client = world.client("editor")
    shown = show(client, changed)
    assert "you may not decide that" in shown.content.decode()
    agree(client, shown)
    world.template.refresh_from_db()
    assert (world.template.description, world.template.needs_second_person) == ("New", False)
    world.people["editor"].user_permissions.add(
        Permission.objects.get(codename="guard_prompttemplate")
    )
    client = world.client("editor")
    agree(client, show(client, changed))
    world.template.refresh_from_db()
    assert world.template.needs_second_person


@pytest.mark.parametrize("person", ["support", "operator", "nobody"])
def test_others_neither_look_nor_import(world: World, person: str) -> None:
    before = counts()
    text = json.dumps(document(world) | {"name": "Other"})
    assert world.client(person).post(URL, {"document": text}).status_code == 403
    assert counts() == before


def test_the_list_leads_there_and_the_workshop_to_the_download(world: World) -> None:
    client = world.client("editor")
    assert URL in client.get("/admin/conversations/prompttemplate/").content.decode()
    page = client.get(f"/admin/conversations/prompttemplate/{world.template.pk}/change/")
    assert f"/prompttemplate/{world.template.pk}/export/" in page.content.decode()
