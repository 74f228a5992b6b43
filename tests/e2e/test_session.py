"""A customer's session ends: by signing out, by somebody else, by its time, by the site's word."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.e2e.gate import Gate
from tests.e2e.host import Host
from tests.e2e.rest import UNTIL_SECONDS
from tests.e2e.site import Site
from tests.e2e.watch import Watch
from tests.e2e.website import Website, go, sign_in

DELIVERY = "What does delivery cost?"
CARDS = "Do you sell gift cards?"
SET_USER_SCRIPT = 'window.chatsite = [["setUser", { identity: %s }]];'
SESSIONS_END = """
from django.utils import timezone
from conversations.identity.revocations import token_subjects_revoke
from conversations.models import Customer
subjects = Customer.objects.filter(widget__public_key={key!r}).values_list("pk", flat=True)
token_subjects_revoke(subjects=subjects, now=timezone.now())
"""


def test_signing_out_leaves_an_empty_chat_and_no_way_back(
    page: Page, host: Host, website: Website
) -> None:
    chat = go(page, host.near, website)
    sign_in(page, website.identity("out"))
    chat.open().ask(DELIVERY)
    chat.field.fill("half a sentence")
    page.evaluate("chatsite.reset()")
    expect(chat.questions).to_have_count(0)
    expect(chat.field).to_have_value("")
    expect(chat.ask(CARDS)).to_contain_text("€250")
    chat = go(page, host.near, website).open()
    expect(chat.questions).to_have_text([CARDS])


def test_signing_out_reaches_a_panel_that_nobody_has_opened(
    page: Page, host: Host, website: Website
) -> None:
    chat = go(page, host.near, website)
    sign_in(page, website.identity("unopened"))
    chat.open().ask(DELIVERY)
    go(page, host.near, website)
    with page.expect_websocket():
        page.evaluate("chatsite.reset()")
    expect(chat.panel).to_be_hidden()
    chat.open()
    expect(chat.root.get_by_role("button", name="Send")).to_be_visible()
    expect(chat.questions).to_have_count(0)


def test_another_customer_in_the_same_browser_sees_nothing_of_the_first(
    page: Page, host: Host, website: Website
) -> None:
    chat = go(page, host.near, website)
    sign_in(page, website.identity("first"))
    chat.open().ask(DELIVERY)
    # The chat is empty as soon as the website names somebody else, and the other one's only once
    # the site has said who it is.
    name = f"chatsite:{website.key}:customer"
    first = page.frames[1].evaluate("(name) => localStorage[name]", name)
    sign_in(page, website.identity("second"))
    page.frames[1].wait_for_function(
        "([name, first]) => localStorage[name] !== first", arg=[name, first]
    )
    expect(chat.questions).to_have_count(0)
    chat.ask(CARDS)
    sign_in(page, website.identity("first"))
    expect(chat.questions).to_have_text([DELIVERY])


def test_what_another_customer_types_before_the_site_has_answered_stays_and_nothing_else(
    page: Page, host: Host, website: Website
) -> None:
    site_says = Gate(page)
    chat = go(page, host.near, website)
    sign_in(page, website.identity("typing first"))
    chat.open().ask(DELIVERY)
    chat.field.fill("of the first")
    site_says.close()
    sign_in(page, website.identity("typing second"))
    expect(chat.questions).to_have_count(0)
    expect(chat.field).to_have_value("")
    expect(chat.root.locator(".skeleton")).to_be_visible()
    chat.field.fill("of the second")
    site_says.open()
    expect(chat.root.locator(".greeting")).to_be_visible()
    expect(chat.field).to_have_value("of the second")
    chat.field.press("Enter")
    expect(chat.questions).to_have_text(["of the second"])


def test_on_the_next_page_another_customer_never_meets_what_was_being_written(
    page: Page, host: Host, website: Website
) -> None:
    site_says = Gate(page)
    chat = go(page, host.near, website)
    sign_in(page, website.identity("leaving first"))
    chat.open().ask(DELIVERY)
    page.context.set_offline(True)
    chat.send("not sent by the first")
    chat.field.fill("of the first")
    page.context.set_offline(False)
    site_says.close()
    page.add_init_script(SET_USER_SCRIPT % json.dumps(website.identity("leaving second")))
    chat = go(page, host.near, website)
    with page.expect_websocket():
        chat.open()
    expect(chat.field).to_have_value("")
    expect(chat.questions).to_have_count(0)
    chat.field.fill("of the second")
    site_says.open()
    expect(chat.root.locator(".greeting")).to_be_visible()
    expect(chat.field).to_have_value("of the second")
    expect(chat.questions).to_have_count(0)


def test_what_was_being_written_waits_for_the_same_customer(
    page: Page, host: Host, website: Website
) -> None:
    page.add_init_script(SET_USER_SCRIPT % json.dumps(website.identity("returning")))
    chat = go(page, host.near, website).open()
    chat.ask(DELIVERY)
    chat.field.fill("half a sentence")
    chat = go(page, host.near, website).open()
    expect(chat.field).to_have_value("half a sentence")
    expect(chat.questions).to_have_text([DELIVERY])


def test_another_customer_in_one_tab_is_another_customer_in_the_other(
    page: Page, host: Host, website: Website
) -> None:
    chat = go(page, host.near, website)
    sign_in(page, website.identity("tab of first"))
    chat.open().ask(DELIVERY)
    other = go(page.context.new_page(), host.near, website).open()
    expect(other.questions).to_have_text([DELIVERY])
    other.field.fill("of the first")
    sign_in(page, website.identity("tab of second"))
    expect(other.field).to_have_value("")
    expect(other.questions).to_have_count(0)
    chat.ask(CARDS)
    expect(other.questions).to_have_text([CARDS])


def test_a_session_that_was_ended_goes_on_with_the_websites_fresh_word(
    page: Page, host: Host, website: Website, site: Site, watch: Watch
) -> None:
    watch.allow("identity_expired: The session was ended|The chat's session is over")
    asked = []

    def fresh() -> str:
        asked.append(1)
        return website.identity("fresh")

    page.expose_function("freshToken", fresh)
    chat = go(page, host.near, website)
    sign_in(page, website.identity("fresh"), has_refresh=True)
    chat.open().ask(DELIVERY)
    with page.expect_websocket(timeout=UNTIL_SECONDS * 1000):  # a command takes its time to start
        site.manage("shell", "--verbosity=0", "--command", SESSIONS_END.format(key=website.key))
    chat.ask(CARDS)
    expect(chat.questions).to_have_text([DELIVERY, CARDS])
    expect(chat.notice.first).to_be_empty()
    assert asked == [1]


def test_an_expired_token_tells_the_developer_why_and_the_customer_kindly(
    page: Page, host: Host, website: Website, watch: Watch
) -> None:
    watch.allow(r"\[chatsite\] identity_expired: The token ended \d+ s ago")
    chat = go(page, host.near, website)
    with page.expect_console_message(lambda said: "identity_expired" in said.text) as line:
        sign_in(page, website.identity("late", seconds=-500))
        chat.open()
    assert "give setUser a refresh function" in line.value.text
    expect(chat.notice.first).to_have_text("Your sign-in has run out. Please sign in again.")
    page.wait_for_function("() => errors.length > 0")
    assert page.evaluate("errors") == ["identity_expired"]
    expect(chat.ask(DELIVERY)).to_contain_text("€4.90")


def test_signing_out_in_one_tab_empties_the_other(page: Page, host: Host, website: Website) -> None:
    chat = go(page, host.near, website)
    sign_in(page, website.identity("tabs"))
    chat.open().ask(DELIVERY)
    second = page.context.new_page()
    other = go(second, host.near, website).open()
    expect(other.questions).to_have_text([DELIVERY])
    page.evaluate("chatsite.reset()")
    expect(other.questions).to_have_count(0)
    other.ask(CARDS)
    expect(other.questions).to_have_text([CARDS])
