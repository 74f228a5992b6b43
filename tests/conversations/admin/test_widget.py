"""A widget's settings are typed as lines and kept as browsers write them."""

from __future__ import annotations

import pytest
from django.http import HttpResponse

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
        "launcher_position": "right",
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


def test_personal_data_is_kept_in_and_regions_are_codes(world: World) -> None:
    widget = saved(world, is_masking="on", forbidden_regions=" US,cn\uff0cus-east; us ")
    assert widget.is_masking
    assert widget.forbidden_regions == ["us", "cn", "us-east"]
    html = world.client("editor").get(f"{BASE}{widget.pk}/change/").content.decode()
    assert 'value="us, cn, us-east"' in html
    assert "Names and postal addresses are not." in html
    widget = saved(world, forbidden_regions="")
    assert (widget.is_masking, widget.forbidden_regions) == (False, [])


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


def test_texts_of_a_language_and_hours_of_a_day_are_kept_where_there_are_any(world: World) -> None:
    widget = saved(
        world,
        **{
            "text_zh-hans_title": "海港与松",
            "text_zh-hans_questions": "问？\n\n答？",
            "text_en_label": "",
        },
        hours_mon="9:00-12:00,13:00-17:30",
        hours_tue=" ",
        time_zone="Europe/Berlin",
    )
    assert widget.texts == {"zh-hans": {"title": "海港与松", "questions": ["问？", "答？"]}}
    assert widget.office_hours == {"mon": "09:00–12:00, 13:00–17:30"}  # noqa: RUF001
    html = world.client("editor").get(f"{BASE}{widget.pk}/change/").content.decode()
    assert 'value="海港与松"' in html
    assert "问？\n答？" in html
    assert 'value="09:00–12:00, 13:00–17:30"' in html  # noqa: RUF001
    assert saved(world).texts == {}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hours_mon", "9 to 5", "Write hours as in 09:00-12:00"),
        ("hours_sun", "17:00-09:00", "each ends later than it begins"),
        ("time_zone", "Europe/Atlantis", "Select a valid choice"),
        ("accent_dark", "blue", "Six digits"),
        ("suggested_questions", "x" * 121, "A question may have 120 characters"),
        ("text_en_questions", "x" * 121, "A question may have 120 characters"),
        ("text_en_label", "x" * 31, "at most 30 characters"),
        ("retention_days", "0", "greater than or equal to 1"),
        (
            "forbidden_regions",
            "us, United States, 美国",
            "A region is a short code, as in eu or us: 美国",
        ),
        ("launcher_position", "top", "Select a valid choice"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(
    world: World, field: str, value: str, words: str
) -> None:
    assert words in refused(world, **{field: value})


def preview(world: World, place: str = "", **changes: str) -> HttpResponse:
    url = f"{BASE}{place or world.widget.pk}/preview/".replace("/new/", "/")
    response = world.client("editor").post(url, typed(world, **changes))
    assert isinstance(response, HttpResponse)
    assert response.status_code == 200
    return response


def test_the_preview_shows_what_is_not_saved(world: World) -> None:
    shown = preview(world, name="Brand <new>", accent="#AABBCC", preview_scheme="dark")
    html = shown.content.decode()
    assert "<title>Brand &lt;new&gt;</title>" in html
    assert '"#AABBCC"' in html
    assert '<meta name="color-scheme" content="dark">' in html
    assert '"isPreview":true' in html.replace(" ", "")
    assert 'id="look"' in html
    world.widget.refresh_from_db()
    assert world.widget.name == "Harbour & Pine"


def test_the_preview_speaks_the_language_it_is_asked_for(world: World) -> None:
    shown = preview(
        world, **{"text_zh-hans_title": "海港与松"}, preview_locale="zh-hans"
    ).content.decode()
    assert "<title>海港与松</title>" in shown
    assert "写一条消息" in shown


def test_a_field_that_is_wrong_does_not_break_the_preview(world: World) -> None:
    html = preview(world, accent="red", hours_mon="9 to 5", name="New").content.decode()
    assert "<title>New</title>" in html
    assert '"#1f6feb"' in html


def test_a_field_of_a_new_widget_that_is_wrong_is_as_at_first(world: World) -> None:
    html = preview(world, "new", accent="red", prompt_template="").content.decode()
    assert '"#1f6feb"' in html


def test_a_widget_that_is_being_added_has_a_preview_too(world: World) -> None:
    assert "<title>Second</title>" in preview(world, "new", name="Second").content.decode()
    assert Widget.objects.count() == 1


def test_only_our_own_pages_may_frame_the_preview(world: World) -> None:
    response = preview(world)
    assert "frame-ancestors http://127.0.0.1:8000;" in response["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in response


def test_a_widget_that_is_not_there_has_no_preview(world: World) -> None:
    response = world.client("editor").post(f"{BASE}999/preview/", typed(world))
    assert response.status_code == 404


def test_a_customers_page_is_no_preview(world: World) -> None:
    page = world.client("editor").get(f"/widget/{world.widget.public_key}/panel/").content
    assert b"isPreview" not in page
    assert b'id="look"' not in page
