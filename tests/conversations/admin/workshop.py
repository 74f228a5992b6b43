"""The prompt workshop's form, as browsers show and send it."""

from __future__ import annotations

from typing import Any

from conversations.models import PromptVersion
from conversations.prompts.services import version_to_edit
from gateway.services import key_add, provider_create
from tests.admin_world import World, world_make

BASE = "/admin/conversations/prompttemplate/"


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


def world_answered(url: str) -> World:
    """Make a world whose questions go to the provider at an address."""
    world = world_make()
    provider = provider_create(
        slug="acme", name="Acme", base_url=url, default_model="sandbox-1", is_private=True
    )
    key_add(provider=provider, label="test", secret="sandbox-test")
    return world
