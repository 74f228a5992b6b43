"""The pictures in the documents: ``make screenshots`` takes them from the running demo."""

from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from tests.e2e.conftest import OpenChat, OpenDesk
from tests.e2e.site import ROOT

IMAGES = ROOT / "docs" / "images"
QUESTION = "How do I return something?"
SIZE = ViewportSize(width=1280, height=800)
REST_MS = 500  # for what moves to come to rest


def test_the_pictures(open_chat: OpenChat, open_desk: OpenDesk) -> None:
    chat = open_chat(viewport=SIZE)
    chat.ask(QUESTION)
    chat.page.mouse.move(0, 0)
    chat.page.wait_for_timeout(REST_MS)
    chat.page.screenshot(path=IMAGES / "widget.png")
    desk = open_desk("support")
    desk.page.set_viewport_size(SIZE)
    desk.go("conversations/conversation/")
    desk.content.get_by_role("link", name=QUESTION).first.click()
    desk.content.get_by_text("How it came about").click()
    expect(desk.content.get_by_text("Total time")).to_be_visible()
    desk.page.screenshot(path=IMAGES / "admin.png")
