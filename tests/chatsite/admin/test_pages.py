"""Every page of the admin is fit for a strict policy, a keyboard and a screen reader."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.admin_gateway import SECRET
from tests.admin_world import World
from tests.chatsite.admin.addresses import address, address_names
from tests.chatsite.admin.page import Page

NOT_PAGES = {
    "autocomplete",
    "conversations_conversation_turns",  # a part of one
    "conversations_customer_export",
    "conversations_prompttemplate_export",
    "conversations_reportfile",
    "conversations_prompttemplate_weigh",  # a part of one
    "gateway_dashboard_live",
    "jsi18n",
    "logout",
    "view_on_site",
}


def pages(world: World) -> dict[str, str]:
    """Return the HTML of every page the owner can open, and of every form with its errors."""
    found = {}
    client = world.client("owner")
    for name in address_names():
        if name in NOT_PAGES:
            continue
        for method in ("get", "post"):
            browser = Client() if name == "login" else client
            response = getattr(browser, method)(address(name, world))
            if response.status_code == 200:
                policy = response.headers["Content-Security-Policy"]
                assert "unsafe" not in policy, name
                assert "script-src 'self';" in policy + ";", name
                found[f"{method} {name}"] = response.content.decode()
    return found


def test_no_page_holds_what_the_policy_refuses_or_a_reader_would_miss(world: World) -> None:
    faults: dict[str, list[str]] = {}
    for name, html in pages(world).items():
        page = Page(html)
        found = [*page.refused, *(f"no label: {control}" for control in page.unlabelled)]
        found += [f"{page.headings} h1"] if page.headings != 1 else []
        found += [f"id twice: {i}" for i in {i for i in page.ids if page.ids.count(i) > 1}]
        if found:
            faults[name] = found
    assert faults == {}


def test_no_page_shows_a_secret_or_what_it_is_sealed_into(world: World) -> None:
    for name, html in pages(world).items():
        assert SECRET not in html, name
        assert world.key.sealed_secret not in html, name


@pytest.mark.parametrize("person", ["nobody", "support", "editor", "operator", "owner"])
def test_the_sidebar_names_only_what_the_person_may_open(world: World, person: str) -> None:
    rooms = {
        "nobody": [],
        "support": ["Conversations"],
        "editor": ["Conversations", "Prompts"],
        "operator": ["Conversations", "Gateway", "People"],
        "owner": ["Conversations", "Prompts", "Gateway", "Data", "People"],
    }
    response = world.client(person).get("/admin/")
    assert [room["name"] for room in response.context["available_apps"]] == rooms[person]


def test_the_crawler_itself_finds_faults() -> None:
    page = Page('<h1>a</h1><p style="x"><a onclick="y"></a><script>z</script><input name="q">')
    assert page.refused == ["<p style>", "<a onclick>", "<script>"]
    assert page.unlabelled == ["input q"]


@pytest.mark.django_db
def test_an_address_that_does_not_exist_gets_a_kind_page(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    page = Page(response.content.decode())
    assert (page.refused, page.headings) == ([], 1)
    assert "There is nothing at this address" in response.content.decode()


def test_a_page_of_another_role_says_so_kindly(world: World) -> None:
    response = world.client("support").get("/admin/gateway/apikey/")
    assert response.status_code == 403
    assert "This page is not yours to open" in response.content.decode()
