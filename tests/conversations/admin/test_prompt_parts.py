"""Variables, examples and translations, as editors fill in their rows."""

from __future__ import annotations

import pytest

from conversations.prompts.content import PromptContent
from tests.admin_world import World
from tests.conversations.admin.workshop import BASE, as_shown, editable, post, rows_typed, typed


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
