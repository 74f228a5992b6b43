"""Signed-in customers on two websites, as their browsers live it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conversations.identity.website import token_make
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenContext, OpenDesk
from tests.e2e.host import Host
from tests.e2e.site import Site
from tests.e2e.test_accessibility import STILL, violations
from tests.e2e.watch import Watch

DELIVERY = "What does delivery cost?"
CARDS = "Do you sell gift cards?"
WIDGET_ADD = """
import json
from conversations.identity.secrets import signing_secret_add
from conversations.models import PromptTemplate, Widget
widget = Widget.objects.create(
    name="Elsewhere", prompt_template=PromptTemplate.objects.earliest("pk"),
    allowed_origins={origins!r}, is_verified_only={is_verified_only!r},
)
print(json.dumps([widget.public_key, signing_secret_add(widget=widget).text]))
"""
SESSIONS_END = """
from django.utils import timezone
from conversations.identity.revocations import token_subjects_revoke
from conversations.models import Customer
subjects = Customer.objects.filter(widget__public_key={key!r}).values_list("pk", flat=True)
token_subjects_revoke(subjects=subjects, now=timezone.now())
"""
SET_USER = """([identity, hasRefresh]) => {
  window.errors = [];
  addEventListener("chatsite:error", ({ detail }) => errors.push(detail.code));
  chatsite.setUser({ identity, refresh: hasRefresh ? () => window.freshToken() : undefined });
}"""


@dataclass(frozen=True)
class Website:
    """A widget on a website, and the secret that its server has."""

    key: str
    secret: str

    def identity(self, sub: str = "7", *, seconds: float = 300) -> str:
        """Return what the server says of its customer."""
        return token_make(self.secret, sub=sub, name="Ada", exp=time.time() + seconds)


@pytest.fixture(scope="module")
def host(site: Site) -> Iterator[Host]:
    with Host(site) as host:
        yield host


def website_make(site: Site, host: Host, *, is_verified_only: bool = False) -> Website:
    script = WIDGET_ADD.format(origins=[host.near, host.far], is_verified_only=is_verified_only)
    return Website(*json.loads(site.manage("shell", "--verbosity=0", "--command", script)))


@pytest.fixture(scope="module")
def website(site: Site, host: Host) -> Website:
    return website_make(site, host)


@pytest.fixture(scope="module")
def strict_website(site: Site, host: Host) -> Website:
    return website_make(site, host, is_verified_only=True)


@pytest.fixture
def page(open_context: OpenContext, watch: Watch, host: Host) -> Page:
    watch.welcome(host.near)
    watch.welcome(host.far)
    return open_context().new_page()


def go(page: Page, origin: str, website: Website) -> Chat:
    page.goto(f"{origin}/{website.key}")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    return chat


def sign_in(page: Page, identity: str, *, has_refresh: bool = False) -> None:
    page.evaluate(SET_USER, [identity, has_refresh])


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
    sign_in(page, website.identity("second"))
    expect(chat.questions).to_have_count(0)
    chat.ask(CARDS)
    sign_in(page, website.identity("first"))
    expect(chat.questions).to_have_text([DELIVERY])


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
    with page.expect_websocket():
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
    assert page.evaluate("errors") == ["identity_expired"]
    expect(chat.ask(DELIVERY)).to_contain_text("€4.90")


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


def test_staff_make_a_secret_and_see_who_is_verified(
    page: Page, host: Host, website: Website, site: Site, open_desk: OpenDesk
) -> None:
    desk = open_desk("editor").go("conversations/widget/")
    desk.content.get_by_role("link", name="Elsewhere").first.click()
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
