"""What narrows the list of conversations: set by a form, shown as chips, looked at by views."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone

from conversations.admin.conversation_filters import FILTERS
from conversations.admin.conversation_narrowing import GROUPS
from conversations.admin.conversation_views import Views, views_shown
from conversations.admin.version_choices import NEWEST_VERSIONS
from conversations.models import PromptVersion, SavedView
from conversations.review.saved_views import CHOOSING
from tests.admin_world import World

LIST = "/admin/conversations/conversation/"
CHIP = re.compile(r'<li class="chip">.*?>([^<]+)</span> <a href="([^"]*)"')


def html_of(world: World, query: str) -> str:
    response = world.client("support").get(f"{LIST}?{query}")
    assert response.status_code == 200, response.headers
    html: str = response.content.decode()
    return html


def form_of(html: str) -> str:
    return html.split('<form class="menu" method="get">')[1].split("</form>", maxsplit=1)[0]


def test_every_filter_is_kept_by_views_queues_and_exports() -> None:
    assert {choice.parameter_name for choice in FILTERS} <= set(CHOOSING)


def test_every_filter_is_offered_once_but_those_that_come_with_a_link(world: World) -> None:
    grouped = [name for _title, names in GROUPS for name in names]
    assert len(grouped) == len(set(grouped))
    linked = {"began", "alike"}
    assert {choice.parameter_name for choice in FILTERS} == {*grouped, *linked}
    form = form_of(html_of(world, ""))
    assert re.findall(r'<select name="(\w+)"', form) == grouped
    for name in grouped:
        options = form.split(f'name="{name}"')[1].split("</select>")[0]
        assert options.count("<option") > 1, name


def test_what_a_form_leaves_unset_is_not_in_the_address(world: World) -> None:
    response = world.client("support").get(f"{LIST}?q=order&sign=&team=&rating=down&o=-6")
    assert response.status_code == 302
    assert QueryDict(response.headers["Location"].removeprefix("?")).dict() == {
        "q": "order",
        "rating": "down",
        "o": "-6",
    }
    nothing = world.client("support").get(f"{LIST}?q=&sign=", follow=True)
    assert nothing.status_code == 200


def test_each_filter_that_is_set_is_a_chip_that_goes_alone(world: World) -> None:
    html = html_of(world, "q=order&rating=down&verified=no&began=2026-01-01..2026-01-07")
    chips = {
        words: QueryDict(unescape(address).removeprefix("?")).dict()
        for words, address in CHIP.findall(html)
    }
    assert chips["Not helpful"] == {
        "q": "order",
        "verified": "no",
        "began": "2026-01-01..2026-01-07",
    }
    assert "rating" in chips["Anonymous"]
    assert "verified" not in chips["Anonymous"]
    assert not CHIP.findall(html_of(world, ""))
    # A search alone is let go of in its field, or with all the rest.
    assert "Show all again" in html_of(world, "q=order")


def test_an_old_version_that_a_report_names_is_a_chip_and_stays_chosen(world: World) -> None:
    old = PromptVersion.objects.filter(number__isnull=False).earliest("published_at")
    newer = [
        PromptVersion(template=old.template, number=number, published_at=timezone.now())
        for number in range(100, 100 + NEWEST_VERSIONS)
    ]
    PromptVersion.objects.bulk_create(newer)
    assert f">{old}</option>" not in form_of(html_of(world, ""))
    html = html_of(world, f"version={old.pk}")
    assert [words for words, _address in CHIP.findall(html)] == [str(old)]
    chosen = f'<option value="{old.pk}" selected>{old}</option>'
    assert chosen in form_of(html)
    report = world.client("support").get(f"/admin/conversations/report/?version={old.pk}")
    assert chosen in report.content.decode()


def test_a_view_of_an_order_alone_can_be_deleted_as_any_other(world: World) -> None:
    owner = User.objects.get(username="support")
    view = SavedView.objects.create(owner=owner, name="Oldest", query="o=-6")
    assert f'name="view" value="{view.pk}"' in html_of(world, "o=-6")
    assert "Show all again" not in html_of(world, "p=1")


def test_a_new_choice_leaves_the_words_the_order_and_the_days(world: World) -> None:
    form = form_of(html_of(world, "q=order&o=6&began=2026-01-01..2026-01-07&sign=loop"))
    for hidden in (
        '<input type="hidden" name="q" value="order">',
        '<input type="hidden" name="o" value="6">',
        '<input type="hidden" name="began" value="2026-01-01..2026-01-07">',
    ):
        assert hidden in form
    assert '<input type="hidden" name="sign"' not in form
    assert '<option value="loop" selected>' in form


def test_a_sample_stays_the_drawn_one_while_other_filters_are_chosen(world: World) -> None:
    form = form_of(html_of(world, "sample=20-ab-1900000000"))
    assert '<option value="20-ab-1900000000" selected>20 at random</option>' in form


def test_what_waits_for_a_person_is_what_its_queue_and_its_export_hold(world: World) -> None:
    html = world.client("owner").get(f"{LIST}?team=open").content.decode()
    assert '<input type="hidden" name="queue" value="team=open">' in html
    assert '<input type="hidden" name="address" value="team=open">' in html
    assert 'href="?team=open" aria-current="page">Waits for a person</a>' in html


@pytest.fixture
def views(db: None) -> list[SavedView]:
    owner = User.objects.create_user("support")
    return [SavedView(owner=owner, name=f"{n}", query=f"q={n}") for n in range(4)]


def named(views: Views) -> tuple[list[str], list[str]]:
    return [str(view.words) for view in views.shown], [str(view.words) for view in views.more]


def test_few_views_stand_in_the_row_and_the_chosen_one_is_always_among_them(
    views: list[SavedView],
) -> None:
    owner = views[0].owner
    shown, more = named(views_shown(views, "", owner))
    assert shown == [
        *("All", "Waits for a person", "Waits to be read", "Not helpful", "No answer"),
        *("0", "1"),
    ]
    assert more[-2:] == ["2", "3"]
    assert "In circles" in more
    shown, more = named(views_shown(views, "sign=loop", owner))
    assert shown[-1] == "In circles"
    assert "In circles" not in more
    assert named(views_shown(views, "q=3", owner))[0][-1] == "3"


def test_what_others_share_is_behind_the_row_and_says_whose_it_is(views: list[SavedView]) -> None:
    someone = User.objects.create_user("someone")
    chosen = views_shown(views, "q=1", someone)
    assert [str(view.words) for view in chosen.shown][-1] == "1"
    assert {view.shared_by for view in (*chosen.shown, *chosen.more) if view.is_saved} == {
        "support"
    }
