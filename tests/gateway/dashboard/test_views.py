"""The page and the content it asks for again."""

from __future__ import annotations

import pytest

from tests.admin_gateway import SECRET
from tests.admin_world import World, world_make

PAGE = "/admin/gateway/dashboard/"


@pytest.fixture
def world(db: None) -> World:
    return world_make()


def test_the_page_holds_its_content_before_any_script_runs(world: World) -> None:
    html = world.client("operator").get(PAGE).content.decode()
    assert 'id="part-tiles"' in html
    assert SECRET not in html
    assert world.key.fingerprint not in html


def test_content_that_did_not_change_is_not_sent_again(world: World) -> None:
    client = world.client("operator")
    first = client.get(f"{PAGE}live/")
    tag = first.headers["ETag"]
    again = client.get(f"{PAGE}live/", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert "no-cache" in again.headers["Cache-Control"]
    world.key.label = "renamed"
    world.key.save()
    changed = client.get(f"{PAGE}live/", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_the_content_is_of_the_range_that_was_chosen(world: World) -> None:
    client = world.client("operator")
    page = client.get(f"{PAGE}?range=7d").content.decode()
    assert 'href="?range=7d" aria-current="true"' in page
    assert "live/?range=7d" in page
    fallback = client.get(f"{PAGE}?range=%22%3E").content.decode()
    assert 'href="?range=1h" aria-current="true"' in fallback


def test_the_sidebar_leads_to_it_for_operators_alone(world: World) -> None:
    assert f'href="{PAGE}"' in world.client("operator").get("/admin/").content.decode()
    assert PAGE not in world.client("support").get("/admin/").content.decode()
