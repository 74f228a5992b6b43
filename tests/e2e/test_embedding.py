"""The widget on somebody else's website: another origin, with a strict policy of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.browser import LAUNCH
from tests.e2e.chat import Chat
from tests.e2e.conftest import CHROMIUM, PATIENCE_MS, OpenDesk
from tests.e2e.host import Host
from tests.e2e.site import Site
from tests.e2e.watch import Watch


@pytest.fixture(scope="module")
def stranger(site: Site) -> Iterator[Host]:
    """A website on the same machine that nobody has allowed."""
    with Host(site) as host:
        yield host


@pytest.fixture
def page(page: Page, watch: Watch, stranger: Host) -> Page:
    watch.welcome(stranger.near)
    return page


def test_a_conversation_on_another_origin_outlives_the_page(
    page: Page, host: Host, key: str
) -> None:
    chat = Chat(page)
    page.goto(f"{host.near}/{key}")
    chat.open()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    page.reload()
    chat.open()
    expect(chat.questions).to_have_text(["What does delivery cost?"])
    page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()


def test_it_works_on_another_site_that_gives_it_no_storage(
    page: Page, host: Host, key: str
) -> None:
    # Playwright turns the partitioning of storage off; Chromium then gives a third party none.
    chat = Chat(page)
    page.goto(f"{host.far}/{key}")
    chat.open()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    expect(chat.ask("Do you sell gift cards?")).to_contain_text("€250")
    expect(chat.questions).to_have_count(2)


def test_the_site_learns_on_which_page_the_customer_was(
    page: Page, host: Host, key: str, open_desk: OpenDesk
) -> None:
    chat = Chat(page)
    page.goto(f"{host.near}/{key}?from=newsletter")
    chat.open().ask("Where do you ship to?")
    desk = open_desk("support").go("conversations/conversation/")
    desk.content.get_by_role("link", name="Where do you ship to?").first.click()
    expect(desk.content).to_contain_text(f"{host.near}/{key}?from=newsletter")


def test_it_stays_hidden_on_a_website_that_is_not_allowed(
    page: Page, stranger: Host, key: str, watch: Watch
) -> None:
    watch.allow(r"\[chatsite\] The chat stays hidden")
    watch.allow("Failed to load resource")
    with page.expect_console_message(lambda message: "[chatsite]" in message.text) as said:
        page.goto(f"{stranger.near}/{key}")
    assert stranger.near in said.value.text
    assert "allowed origins" in said.value.text
    expect(page.locator("[data-chatsite]")).to_have_count(0)
    assert len(page.frames) == 1


def test_its_panel_cannot_be_framed_by_a_website_that_is_not_allowed(
    page: Page, stranger: Host, key: str, site: Site, watch: Watch
) -> None:
    watch.allow("frame-ancestors|Failed to load|stays hidden|chrome-error")
    page.goto(f"{stranger.near}/{key}")
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.evaluate(
            """(address) => new Promise((resolve) => {
              const frame = document.createElement("iframe");
              frame.addEventListener("load", resolve);
              frame.src = address;
              document.body.append(frame);
            })""",
            f"{site.url}/widget/{key}/panel/",
        )
    expect(page.frame_locator("iframe").locator(".composer")).to_have_count(0)


def test_a_key_that_does_not_exist_leaves_one_line_for_the_developer(
    page: Page, host: Host, watch: Watch
) -> None:
    watch.allow(r"\[chatsite\] The chat stays hidden: no active widget|Failed to load resource")
    with page.expect_console_message(lambda message: "[chatsite]" in message.text):
        page.goto(f"{host.near}/nobody")
    expect(page.locator("[data-chatsite]")).to_have_count(0)


def test_it_works_where_storage_is_blocked(
    playwright: Playwright, site: Site, watch: Watch, tmp_path: Path
) -> None:
    profile = tmp_path / "Default"
    profile.mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Preferences").write_text(json.dumps(blocked))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, **LAUNCH
    )
    context.set_default_timeout(PATIENCE_MS)
    watch.attach(context)
    chat = Chat(context.new_page())
    chat.page.goto(site.url)
    with pytest.raises(Exception, match="SecurityError"):
        chat.page.evaluate("localStorage.length")
    chat.open()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    chat.start_over()
    expect(chat.ask("Do you sell gift cards?")).to_contain_text("€250")
    expect(chat.questions).to_have_count(1)
    context.close()
