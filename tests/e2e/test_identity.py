"""Signed-in customers on two websites, as their browsers live it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenContext, OpenDesk
from tests.e2e.host import Host
from tests.e2e.site import Site
from tests.e2e.test_accessibility import STILL, violations
from tests.e2e.watch import Watch
from tests.e2e.website import Website, go, sign_in, website_make

DELIVERY = "What does delivery cost?"
CARDS = "Do you sell gift cards?"


def question(chat: Chat) -> Locator:
    return chat.root.get_by_text("You wrote to us before signing in.")


def test_a_signed_in_customer_has_one_history_on_two_websites_and_in_two_browsers(
    page: Page, host: Host, website: Website, open_context: OpenContext
) -> None:
    chat = go(page, host.near, website)
    sign_in(page, website.identity("both"))
    chat.open().ask(DELIVERY)
    chat = go(page, host.far, website)
    sign_in(page, website.identity("both"))
    chat.open()
    expect(chat.questions).to_have_text([DELIVERY])
    elsewhere = open_context().new_page()
    chat = go(elsewhere, host.far, website)
    sign_in(elsewhere, website.identity("both"))
    chat.open()
    expect(chat.questions).to_have_text([DELIVERY])


def test_an_anonymous_history_stays_on_the_website_it_began_on(
    page: Page, host: Host, website: Website
) -> None:
    go(page, host.near, website).open().ask(DELIVERY)
    chat = go(page, host.far, website).open()
    expect(chat.root.get_by_role("button", name="Send")).to_be_visible()
    expect(chat.questions).to_have_count(0)
    chat = go(page, host.near, website).open()
    expect(chat.questions).to_have_text([DELIVERY])


def test_what_is_being_written_stays_on_its_website_as_well(
    page: Page, host: Host, website: Website
) -> None:
    go(page, host.near, website).open().field.fill("half a thought")
    chat = go(page, host.far, website).open()
    expect(chat.field).to_have_value("")
    chat.field.fill("another")
    chat = go(page, host.near, website).open()
    expect(chat.field).to_have_value("half a thought")


def test_what_the_browser_has_dropped_comes_back_by_signing_in_alone(
    page: Page, host: Host, website: Website
) -> None:
    chat = go(page, host.near, website)
    sign_in(page, website.identity("dropped"))
    chat.open().ask(DELIVERY)
    page.frames[1].evaluate("localStorage.clear()")
    chat = go(page, host.near, website).open()
    expect(chat.button("Send")).to_be_visible()
    expect(chat.questions).to_have_count(0)
    chat.ask(CARDS)
    sign_in(page, website.identity("dropped"))
    expect(chat.questions).to_have_text([DELIVERY])


def test_an_anonymous_chat_joins_when_the_customer_says_yes(
    page: Page, host: Host, website: Website
) -> None:
    chat = go(page, host.near, website).open()
    chat.ask(DELIVERY)
    sign_in(page, website.identity("yes"))
    expect(question(chat)).to_be_visible()
    expect(chat.questions).to_have_count(0)
    chat.button("Yes, add it").click()
    expect(chat.questions).to_have_text([DELIVERY])
    expect(question(chat)).to_have_count(0)
    chat.ask(CARDS)
    chat = go(page, host.far, website)
    sign_in(page, website.identity("yes"))
    chat.open()
    expect(chat.questions).to_have_text([DELIVERY, CARDS])


def test_a_no_is_remembered_and_leaves_the_chat_with_the_browser(
    page: Page, host: Host, website: Website
) -> None:
    chat = go(page, host.near, website).open()
    chat.ask(DELIVERY)
    sign_in(page, website.identity("no"))
    chat.button("No").click()
    expect(question(chat)).to_have_count(0)
    expect(chat.field).to_be_focused()
    chat.ask(CARDS)
    chat = go(page, host.near, website)
    sign_in(page, website.identity("no"))
    chat.open()
    expect(chat.questions).to_have_text([CARDS])
    expect(question(chat)).to_have_count(0)


def test_a_widget_for_signed_in_customers_asks_to_sign_in_and_sends_nothing(
    page: Page, host: Host, strict_website: Website
) -> None:
    chat = go(page, host.near, strict_website)
    chat.launcher.click()
    expect(chat.notice.first).to_have_text("Please sign in on this website to chat with us.")
    expect(chat.field).to_be_disabled()
    expect(chat.button("Send")).to_be_disabled()
    sign_in(page, strict_website.identity())
    expect(chat.field).to_be_enabled()
    expect(chat.notice.first).to_be_empty()
    expect(chat.ask(DELIVERY)).to_contain_text("€4.90")
    page.evaluate("chatsite.reset()")
    expect(chat.field).to_be_disabled()
    expect(chat.questions).to_have_count(0)


def test_the_question_and_the_request_to_sign_in_are_accessible(
    open_context: OpenContext, watch: Watch, host: Host, website: Website, strict_website: Website
) -> None:
    watch.welcome(host.near)
    page = open_context(**STILL).new_page()
    chat = go(page, host.near, website).open()
    chat.ask(DELIVERY)
    sign_in(page, website.identity("axe"))
    expect(question(chat)).to_be_visible()
    assert violations(page, page.frames[1]) == []
    chat = go(page, host.near, strict_website)
    chat.launcher.click()
    expect(chat.field).to_be_disabled()
    assert violations(page, page.frames[1]) == []


def test_staff_make_a_secret_and_see_who_is_verified(
    page: Page, host: Host, site: Site, open_desk: OpenDesk
) -> None:
    website_make(site, host, name="Of our own website")
    desk = open_desk("editor").go("conversations/widget/")
    desk.content.get_by_role("link", name="Of our own website", exact=True).click()
    desk.content.get_by_role("link", name="Make a signing secret …").click()
    desk.content.get_by_role("button", name="Make a secret").click()
    secret = str(desk.content.locator("#secret").text_content())
    desk.content.get_by_role("link", name="I have copied it").click()
    expect(desk.content.get_by_text(f"…{secret[-4:]}")).to_be_visible()
    key = re.search('data-widget="([^"]+)"', str(desk.content.locator("#snippet").text_content()))
    assert key
    changed = Website(key[1], secret)
    chat = go(page, host.near, changed)
    sign_in(page, changed.identity("seen"))
    chat.open().ask("Is this verified?")
    support = open_desk("support").go("conversations/conversation/")
    row = support.content.get_by_role("row").filter(has_text="Is this verified?")
    expect(row.get_by_text("Ada")).to_be_visible()
