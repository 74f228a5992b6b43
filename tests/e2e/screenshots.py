"""The pictures in the documents: ``make screenshots`` takes them from the running demo."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.test_journey import LAST_WORDS, QUESTION, ask, chat_open

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


def test_the_pictures(page: Page, demo: Demo) -> None:
    chat = chat_open(page, demo)
    ask(chat, QUESTION)
    expect(chat.get_by_role("log")).to_contain_text(LAST_WORDS)
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # for what moves to come to rest
    page.screenshot(path=IMAGES / "widget.png")
    page.goto(f"{demo.url}/admin/conversations/conversation/")
    page.get_by_label("Username").fill("support")
    page.get_by_label("Password").fill(demo.passwords["support"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name=QUESTION).first.click()
    page.get_by_text("How it came about").click()
    page.screenshot(path=IMAGES / "admin.png")
