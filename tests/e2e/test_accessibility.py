"""axe-core finds nothing to complain about, in light and dark."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenContext, OpenDesk
from tests.e2e.site import Site
from tests.e2e.watch import Watch

STILL = {"reduced_motion": "reduce"}  # a colour half faded in is not a colour
# Until the page is drawn in its new colours.
SETTLE_SCRIPT = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))"
# To preload style sheets axe-core writes some of its own, which our policy refuses.
OPTIONS = {"resultTypes": ["violations"], "preload": False}
COLOURS = {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}
SCHEMES: list[tuple[Literal["light", "dark"], dict[str, Any]]] = [
    ("light", OPTIONS),
    ("dark", COLOURS),
]


def violations(page: Page, frame: Frame | None = None) -> list[str]:
    """Return what axe-core finds on a page, or in one of its frames, one line each.

    It looks twice before it complains: of a page that changed under its eyes axe-core tells what
    was true of neither state.
    """
    place = frame or page
    place.wait_for_load_state()
    lines = []
    for scheme, options in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        place.evaluate(SETTLE_SCRIPT)
        found = _look(place, scheme, options)
        if found:
            again = _look(place, scheme, options)
            lines += [line for line in found if line in again]
    return lines


def _look(place: Page | Frame, scheme: str, options: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(place, options=options).response["violations"]
    return [
        f"{scheme}: {violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
    ]


def test_the_shop_with_its_panel_is_accessible(open_chat: OpenChat) -> None:
    assert violations(open_chat(**STILL).page) == []


def test_the_panel_is_accessible_however_answers_end(open_chat: OpenChat) -> None:
    chat = open_chat(**STILL)
    panel = chat.page.frames[1]
    assert violations(chat.page, panel) == []
    chat.ask("How do I return something?")
    chat.ask("/fault cut 3")
    chat.ask("/fault 500")
    chat.button("More").click()
    assert violations(chat.page, panel) == []


def test_the_full_page_is_accessible(
    open_chat: OpenChat, open_context: OpenContext, site: Site
) -> None:
    key = open_chat().page.locator("[data-chatsite]").get_attribute("data-chatsite")
    chat = Chat(open_context(**STILL).new_page(), is_framed=False)
    chat.page.goto(f"{site.url}/chat/{key}/")
    chat.ask("How do I return something?")
    assert violations(chat.page) == []


def test_a_page_for_a_mistyped_address_is_accessible(
    open_context: OpenContext, site: Site, watch: Watch
) -> None:
    watch.allow("status of 404")
    page = open_context(**STILL).new_page()
    for address in ("/chat/nobody/", "/nothing/here/"):
        page.goto(f"{site.url}{address}")
        assert violations(page) == [], address


@pytest.mark.parametrize("name", ["support", "editor", "operator"])
def test_every_page_a_role_can_reach_is_accessible(
    chat: Chat, open_desk: OpenDesk, name: str
) -> None:
    chat.ask("What warranty do you give?")
    desk = open_desk(name, **STILL)
    addresses = desk.rooms.get_by_role("link").evaluate_all("(links) => links.map((a) => a.href)")
    assert len(addresses) > 1
    found = {}
    for address in addresses:
        desk.page.goto(address)
        found[address] = violations(desk.page)
        links = desk.content.locator("#result_list tbody th a")
        for first in links.evaluate_all("(links) => links.slice(0, 1).map((a) => a.href)"):
            desk.page.goto(first)
            found[first] = violations(desk.page)
    told = [f"{address}: {line}" for address, lines in found.items() for line in lines]
    assert not told, "\n".join(told)
