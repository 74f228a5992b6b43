"""A chat in which nobody can write now: it says so, looks so, and keeps the focus."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.host import Host

COLOUR = "(node) => getComputedStyle(node).backgroundColor"


def test_what_is_for_signed_in_customers_keeps_the_focus_and_closes_the_field(
    page: Page, host: Host
) -> None:
    key = host.widget_add(is_verified_only=True)
    page.goto(f"{host.near}/{key}")
    chat = Chat(page)
    chat.launcher.click()
    expect(chat.notice).to_have_text("Please sign in on this website to chat with us.")
    expect(chat.field).to_be_disabled()
    expect(chat.root.locator(".title")).to_be_focused()
    closed = chat.root.locator(".field")
    assert closed.evaluate(COLOUR) != chat.root.locator("body").evaluate(COLOUR)
    page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()
    chat.launcher.click()
    expect(chat.root.locator(".title")).to_be_focused()
