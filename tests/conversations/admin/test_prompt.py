"""Editors write drafts, publish them and go back, and never over each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from pytest_django import Settings

from conversations.models import PromptMove, PromptTemplate, PromptVersion
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_create
from conversations.prompts.services import draft_save, version_to_edit
from tests.admin_world import World

BASE = "/admin/conversations/prompttemplate/"


@pytest.fixture
def workshop(world: World) -> str:
    return f"{BASE}{world.template.pk}/change/"


def editable(world: World) -> PromptVersion:
    version = version_to_edit(world.template)
    assert version is not None
    return version


def rows_typed(prefix: str, *rows: dict[str, str]) -> dict[str, str]:
    """Return what the rows of one kind send."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{field}": value for field, value in row.items()}
    return data


def typed(world: World, *rows: dict[str, str], **changes: str) -> dict[str, str]:
    """Return what the workshop's form sends, with changes, and rows of variables."""
    draft = editable(world)
    data = {
        "name": world.template.name,
        "description": world.template.description,
        "instructions": draft.instructions,
        "route": "",
        "temperature": "0.2",
        "max_output_tokens": "800",
        "history_tokens": "3000",
        "note": "",
        "seen": draft.changed_at.isoformat(),
        **rows_typed("variables", *rows),
        **rows_typed("examples"),
        **rows_typed("translations"),
    }
    return data | changes


def as_shown(world: World) -> dict[str, str]:
    """Return what a browser sends that opens the workshop and presses the button."""
    url = f"{BASE}{world.template.pk}/change/"
    forms = world.client("editor").get(url).context["forms"]
    rows = [form for formset in forms.rows() for form in (formset.management_form, *formset.forms)]
    values = {
        field.html_name: field.value()
        for form in (forms.about, forms.draft, *rows)
        for field in form
    }
    return {
        name: "on" if value is True else str(value)
        for name, value in values.items()
        if value is not None and value is not False
    }


def post(world: World, url: str, data: dict[str, str], person: str = "editor") -> Any:
    response = world.client(person).post(url, data, follow=True)
    assert response.status_code == 200
    return response


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


def full(world: World) -> dict[str, str]:
    """Return a draft with something of everything, as it is typed."""
    return (
        typed(
            world,
            {"name": "plan", "type": "choice", "choices": "free, gold，free", "default": "free"}
            | {"source": "customer.attribute", "attribute": "plan", "sample": "gold"},
            {"name": "today", "type": "text", "source": "time.date"},
            instructions="For {{plan}} on {{today}}.",
        )
        | rows_typed(
            "examples",
            {"language": "", "customer": "Hi\r\nthere", "answer": "Hello, {{plan}}."},
            {"language": "de", "customer": "Hallo", "answer": "Moin."},
        )
        | rows_typed("translations", {"language": "de", "instructions": "Für {{plan}}."})
    )


def test_examples_languages_and_sources_are_kept(world: World, workshop: str) -> None:
    post(world, workshop, full(world))
    content = PromptContent.of(editable(world))
    assert content.examples == [{"customer": "Hi\nthere", "answer": "Hello, {{plan}}."}]
    assert content.translations == {
        "de": {
            "instructions": "Für {{plan}}.",
            "examples": [{"customer": "Hallo", "answer": "Moin."}],
        }
    }
    plan, today = content.variables
    assert (plan["type"], plan["choices"]) == ("choice", ["free", "gold"])
    assert (plan["source"], plan["attribute"]) == ("customer.attribute", "plan")
    assert (today["source"], "choices" in today, "attribute" in today) == (
        "time.date",
        False,
        False,
    )
    post(world, workshop, as_shown(world))
    assert PromptContent.of(editable(world)) == content


def test_every_part_stands_on_the_version_and_in_the_comparison(
    world: World, workshop: str
) -> None:
    post(world, workshop, full(world))
    client = world.client("editor")
    compared = client.get(f"{BASE}{world.template.pk}/compare/?before=2&after=draft")
    seen = editable(world).changed_at.isoformat()
    post(world, f"{BASE}{world.template.pk}/publish/", {"note": "", "seen": seen})
    version = client.get(f"{BASE}{world.template.pk}/versions/3/")
    for html in (compared.content.decode(), version.content.decode()):
        for words in ("Deutsch (de)", "Moin.", "Hello, {{plan}}.", "customer: attribute “plan”"):
            assert words in html
        assert "one of free / gold" in html


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (rows_typed("examples", {"customer": "Hi", "answer": ""}), "This field is required."),
        (
            rows_typed("examples", {"language": "fr", "customer": "Hi", "answer": "Ho"}),
            "Each translation needs a language",
        ),
        (
            rows_typed("translations", {"language": "xx", "instructions": "Hi"}),
            "not one of the available choices",
        ),
        (
            rows_typed(
                "translations",
                {"language": "de", "instructions": "Eins"},
                {"language": "de", "instructions": "Zwei"},
            ),
            "Each language can be translated into once.",
        ),
        (
            rows_typed("variables", {"name": "n", "type": "number", "default": "many"}),
            "must suit each other: n.",
        ),
    ],
)
def test_a_fault_in_a_row_is_told_and_nothing_is_saved(
    world: World, workshop: str, rows: dict[str, str], words: str
) -> None:
    before = editable(world).changed_at
    assert words in post(world, workshop, typed(world) | rows).content.decode()
    assert editable(world).changed_at == before


def test_an_empty_row_and_a_removed_row_declare_nothing(world: World, workshop: str) -> None:
    empty = {"name": "", "default": "", "sample": ""}
    removed = {"name": "old", "default": "", "sample": "", "DELETE": "on"}
    post(world, workshop, typed(world, removed, empty))
    assert editable(world).variables == []


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


def test_of_two_editors_the_second_sees_what_came_between_and_keeps_the_words(
    world: World, workshop: str
) -> None:
    mine = typed(world, instructions="My words.")
    post(world, workshop, typed(world, instructions="Their words."), person="owner")
    html = post(world, workshop, mine).content.decode()
    assert "Somebody else wrote here in the meantime" in html
    assert "<del>Their</del><ins>My</ins> words." in html
    assert ">\nMy words.</textarea>" in html
    assert editable(world).instructions == "Their words."


def test_variables_declared_in_between_do_not_mix_with_what_was_typed(
    world: World, workshop: str
) -> None:
    mine = {**as_shown(world), "instructions": "My words."}
    theirs = [{"name": name, "default": "", "sample": ""} for name in ("one", "two")]
    post(world, workshop, typed(world, *theirs), person="owner")
    html = post(world, workshop, mine).content.decode()
    assert "Somebody else wrote here in the meantime" in html
    assert "This field is required" not in html


def test_after_a_conflict_saving_again_is_a_decision_that_counts(
    world: World, workshop: str
) -> None:
    mine = typed(world, instructions="My words.")
    post(world, workshop, typed(world, instructions="Their words."), person="owner")
    response = post(world, workshop, mine)
    seen = response.context["forms"].draft["seen"].value()
    post(world, workshop, {**mine, "seen": seen})
    assert editable(world).instructions == "My words."


def test_a_new_template_starts_with_a_draft_and_nothing_live(world: World) -> None:
    post(world, f"{BASE}add/", typed(world, name="Second", seen=""))
    template = PromptTemplate.objects.get(name="Second")
    assert template.live is None
    assert template.versions.get().is_draft


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


def test_a_draft_that_changed_while_one_was_asked_is_not_published(
    world: World, workshop: str
) -> None:
    seen = editable(world).changed_at.isoformat()
    post(world, workshop, typed(world, instructions="Changed."), person="owner")
    response = post(world, f"{BASE}{world.template.pk}/publish/", {"note": "", "seen": seen})
    assert "Please look at it again" in response.content.decode()
    assert PromptMove.objects.count() == 2


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


def test_going_back_is_refused_when_somebody_else_moved_the_pointer(world: World) -> None:
    url = f"{BASE}{world.template.pk}/versions/1/revert/"
    response = post(world, url, {"note": "", "seen": "0"})
    assert "changed what is live" in response.content.decode()
    assert PromptMove.objects.count() == 2


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
