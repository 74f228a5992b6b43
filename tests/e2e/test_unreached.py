"""The site goes down before a customer has opened the chat for the first time."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenContext
from tests.e2e.rest import animations_end
from tests.e2e.site import Site
from tests.e2e.test_accessibility import STILL, violations
from tests.e2e.watch import Watch


def test_a_customer_reads_our_own_words_and_tries_again(
    open_context: OpenContext, watch: Watch, tmp_path: Path
) -> None:
    site = Site(tmp_path)
    site.start()
    watch.welcome(site.url)
    watch.allow("ERR_CONNECTION_REFUSED")
    page = open_context(**STILL).new_page()
    page.goto(site.url)
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    site.kill()
    chat.launcher.click()
    sorry = chat.panel.get_by_role("alert")
    expect(sorry).to_contain_text("This chat is not available right now.")
    again = sorry.get_by_role("button", name="Try again")
    expect(again).to_be_focused()
    expect(chat.panel.locator("iframe")).to_be_hidden()
    animations_end(chat.panel)
    assert violations(page) == []
    with page.expect_event("requestfailed"):
        again.click()
    expect(again).to_be_focused()
    sorry.get_by_role("button", name="Close chat").click()
    expect(chat.panel).to_be_hidden()
    chat.launcher.click()
    expect(again).to_be_focused()
    site.start()
    page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    expect(sorry).to_be_hidden()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    assert site.stop() == 0
