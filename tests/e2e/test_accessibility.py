"""axe-core finds nothing to complain about, in light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenContext, OpenDesk
from tests.e2e.site import Site

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
STILL = {"reduced_motion": "reduce"}  # a colour half faded in is not a colour

# To preload style sheets axe-core writes some of its own, which our policy refuses.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


def violations(frame: Frame) -> list[str]:
    """Return what axe-core finds, one line each."""
    found: list[dict[str, Any]] = Axe().run(frame, options=OPTIONS).response["violations"]  # type: ignore[arg-type]  # a frame is asked as a page is
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
    ]


@SCHEMES
def test_shop_and_panel_are_accessible(open_chat: OpenChat, scheme: str) -> None:
    chat = open_chat(color_scheme=scheme, **STILL)
    chat.ask("How do I return something?")
    chat.ask("/fault cut 3")
    chat.ask("/fault 500")
    chat.button("More").click()
    for frame in chat.page.frames:
        assert violations(frame) == []


@SCHEMES
def test_a_panel_that_nobody_has_written_in_is_accessible(open_chat: OpenChat, scheme: str) -> None:
    chat = open_chat(color_scheme=scheme, **STILL)
    expect(chat.button("What does delivery cost?")).to_be_visible()
    assert violations(chat.page.frames[1]) == []


@SCHEMES
def test_the_full_page_is_accessible(
    open_chat: OpenChat, open_context: OpenContext, site: Site, scheme: str
) -> None:
    key = open_chat().page.locator("[data-chatsite]").get_attribute("data-chatsite")
    chat = Chat(open_context(color_scheme=scheme, **STILL).new_page(), is_framed=False)
    chat.page.goto(f"{site.url}/chat/{key}/")
    chat.ask("How do I return something?")
    assert violations(chat.page.main_frame) == []


@SCHEMES
@pytest.mark.parametrize("name", ["support", "editor", "operator"])
def test_every_page_a_role_can_reach_is_accessible(
    chat: Chat, open_desk: OpenDesk, name: str, scheme: str
) -> None:
    chat.ask("What warranty do you give?")
    desk = open_desk(name, color_scheme=scheme, **STILL)
    addresses = desk.rooms.get_by_role("link").evaluate_all("(links) => links.map((a) => a.href)")
    assert len(addresses) > 1
    found = {}
    for address in addresses:
        desk.page.goto(address)
        found[address] = violations(desk.page.main_frame)
        first = desk.content.locator("#result_list tbody th a").first
        if first.count():
            first.click()
            found[desk.page.url] = violations(desk.page.main_frame)
    assert {address: lines for address, lines in found.items() if lines} == {}
