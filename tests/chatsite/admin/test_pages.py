"""Every page of the admin is fit for a strict policy, a keyboard and a screen reader."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.admin_world import SECRET, World
from tests.chatsite.admin.addresses import address, address_names

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
VOID_OF_LABEL = {"hidden", "submit", "button"}


class Page(HTMLParser):
    """What a browser under a strict policy would refuse, and what a reader would miss."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.headings = 0
        self.labels: set[str] = set()
        self.controls: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.refused += [f"<{tag} {name}>" for name in attributes if _is_inline(name)]
        is_data = attributes.get("type") == "application/json"  # which no browser runs
        if tag == "style" or (tag == "script" and "src" not in attributes and not is_data):
            self.refused.append(f"<{tag}>")
        if str(attributes.get("href", "")).startswith("javascript:"):
            self.refused.append("javascript:")
        self.headings += tag == "h1"
        if identity := attributes.get("id"):
            self.ids.append(identity)
        if tag == "label":
            self.labels.add(str(attributes.get("for")))
        if tag in {"input", "select", "textarea"} and attributes.get("type") not in VOID_OF_LABEL:
            self.controls.append((tag, attributes))

    @property
    def unlabelled(self) -> list[str]:
        return [
            f"{tag} {attributes.get('name')}"
            for tag, attributes in self.controls
            if attributes.get("id") not in self.labels
            and "aria-label" not in attributes
            and attributes.get("class") != "hidden"  # Django's, for password managers
        ]


def _is_inline(attribute: str) -> bool:
    return attribute == "style" or attribute.startswith("on")


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
