"""A widget's settings are typed as lines and kept as browsers write them."""

from __future__ import annotations

import pytest

from conversations.models import PromptTemplate, Widget
from tests.admin_world import World

BASE = "/admin/conversations/widget/"


def typed(world: World, **changes: str) -> dict[str, str]:
    return {
        "name": "Harbour & Pine",
        "is_active": "on",
        "prompt_template": str(world.template.pk),
        "allowed_origins": "https://shop.example",
        "accent": "#1f6feb",
        "greeting": "Hello!",
        "suggested_questions": "Where is my order?",
        **changes,
    }


def saved(world: World, **changes: str) -> Widget:
    url = f"{BASE}{world.widget.pk}/change/"
    response = world.client("editor").post(url, typed(world, **changes))
    assert response.status_code == 302, response.context["errors"]
    return Widget.objects.get(pk=world.widget.pk)


def refused(world: World, **changes: str) -> str:
    url = f"{BASE}{world.widget.pk}/change/"
    response = world.client("editor").post(url, typed(world, **changes))
    assert response.status_code == 200
    return response.content.decode()


def test_origins_are_kept_as_browsers_write_them_each_once(world: World) -> None:
    widget = saved(
        world, allowed_origins="HTTPS://Shop.Example/\n\n https://shop.example:443\nhttp://a:8080"
    )
    assert widget.allowed_origins == ["https://shop.example", "http://a:8080"]


@pytest.mark.parametrize(
    "line", ["shop.example", "https://shop.example/path", "*", "https://u:p@shop.example"]
)
def test_a_line_that_is_no_origin_is_named(world: World, line: str) -> None:
    html = refused(world, allowed_origins=f"https://fine.example\n{line}")
    assert f"as in https://www.example.com: {line}" in html


def test_questions_are_lines(world: World) -> None:
    widget = saved(world, suggested_questions=" One? \n\nTwo?\n")
    assert widget.suggested_questions == ["One?", "Two?"]


def test_a_colour_is_six_digits(world: World) -> None:
    assert saved(world, accent="#AABBCC").accent == "#AABBCC"
    assert "Six digits" in refused(world, accent="red")


def test_only_a_template_with_a_live_version_can_be_chosen(world: World) -> None:
    silent = PromptTemplate.objects.create(name="Silent")
    assert "Select a valid choice" in refused(world, prompt_template=str(silent.pk))


def test_the_page_shows_the_line_to_paste(world: World) -> None:
    html = world.client("editor").get(f"{BASE}{world.widget.pk}/change/").content.decode()
    assert (
        "&lt;script async src=&quot;http://127.0.0.1:8000/widget.js&quot;"
        f" data-widget=&quot;{world.widget.public_key}&quot;&gt;" in html
    )


def test_a_new_widget_has_no_snippet_before_it_is_saved(world: World) -> None:
    assert "widget.js" not in world.client("editor").get(f"{BASE}add/").content.decode()
    response = world.client("operator").post(f"{BASE}add/", typed(world, name="Second"))
    assert response.status_code == 302
    assert Widget.objects.filter(name="Second").exists()
