"""Support staff, editors and operators at their desks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenDesk
from tests.e2e.site import Site
from tests.e2e.watch import Watch

CONVERSATIONS = "conversations/conversation/"
PROMPTS = "conversations/prompttemplate/"
WIDGETS = "conversations/widget/"
PROVIDERS = "gateway/provider/"
KEYS = "gateway/apikey/"
PEOPLE = "auth/user/"
REFUSED = "This page is not yours to open"


def test_support_reads_exactly_what_the_customer_saw(chat: Chat, open_desk: OpenDesk) -> None:
    question = "Can I return a blanket that I have not used?"
    answer = chat.ask(question)
    desk = open_desk("support")
    desk.room("Conversations").click()
    desk.content.get_by_role("link", name=question).first.click()
    turns = desk.content.locator(".turn")
    expect(turns).to_have_count(2)
    expect(turns.first).to_contain_text(question)
    expect(turns.last).to_contain_text("Complete")
    assert turns.last.locator(".said").inner_html().strip() == (
        # The panel opens links in a tab of their own, because it stands in a frame.
        re.sub(' target="_blank"', "", answer.locator(".prose").inner_html()).strip()
    )
    turns.last.get_by_text("How it came about").click()
    expect(turns.last).to_contain_text("Harbour & Pine v")
    expect(turns.last).to_contain_text("sandbox · sandbox-1")


def test_support_finds_the_conversations_that_went_wrong(chat: Chat, open_desk: OpenDesk) -> None:
    chat.ask("/fault cut 2")
    desk = open_desk("support").go(f"{CONVERSATIONS}?outcome=wrong")
    desk.content.get_by_role("link", name="/fault cut 2").first.click()
    expect(desk.content.locator(".turn").last).to_contain_text("Interrupted")
    expect(desk.content.locator(".turn").last).to_contain_text("stream_broken")


@pytest.mark.parametrize(
    ("name", "closed"),
    [
        ("support", [PROMPTS, WIDGETS, PROVIDERS, KEYS, f"{KEYS}add/", PEOPLE]),
        ("editor", [PROVIDERS, KEYS, f"{KEYS}add/", PEOPLE]),
        ("operator", [PROMPTS, f"{PROMPTS}add/", PEOPLE]),
    ],
)
def test_a_role_sees_its_own_rooms_alone(
    open_desk: OpenDesk, watch: Watch, name: str, closed: list[str]
) -> None:
    watch.allow("status of 403")
    desk = open_desk(name)
    addresses = desk.rooms.get_by_role("link").evaluate_all("(links) => links.map((a) => a.href)")
    for place in closed:
        assert not any(address.endswith(f"/admin/{place}") for address in addresses)
        answer = desk.page.goto(f"{desk.url}{place}")
        assert answer is not None
        assert answer.status == 403
        expect(desk.page.get_by_role("heading", level=1)).to_have_text(REFUSED)


def test_an_editor_changes_what_the_next_conversation_is_told(
    open_chat: OpenChat, open_desk: OpenDesk
) -> None:
    question, fact = "Do you rent kayaks?", "Yes, from the quay, at €25 a day."
    before = open_chat()
    expect(before.ask(question)).not_to_contain_text(fact)

    desk = open_desk("editor")
    desk.room("Prompt templates").click()
    desk.content.get_by_role("link", name="Harbour & Pine").click()
    field = desk.page.get_by_label("Instructions")
    field.fill(f"{field.input_value()}\n\nQ: {question}\nA: {fact}\n")
    desk.page.get_by_role("button", name="Save draft").click()
    expect(desk.page.get_by_label("Instructions")).to_have_value(re.compile(re.escape(fact)))
    expect(open_chat().ask(question)).not_to_contain_text(fact)  # a draft is not live

    desk.page.get_by_role("button", name="Save and publish …").click()
    desk.page.wait_for_load_state()
    added = desk.content.locator("ins").all_inner_texts()
    assert fact in "".join(added)
    assert len(added) <= 3, added  # what was not touched is not said to have changed
    desk.page.get_by_label("Note").fill("Kayaks are back")
    desk.page.get_by_role("button", name="Publish").click()
    expect(desk.page.locator(".messagelist")).to_contain_text("is live")

    expect(open_chat().ask(question)).to_contain_text(fact)
    expect(before.ask(question)).not_to_contain_text(fact)  # it keeps the version it began with


def test_an_operator_adds_a_key_that_nobody_can_read_again(
    open_chat: OpenChat, open_desk: OpenDesk, site: Site
) -> None:
    secret = "sandbox-7f3a9c1e5b2d8064"
    desk = open_desk("operator")
    desk.room("Providers").click()
    expect(desk.content.locator("#result_list")).to_contain_text("Sandbox")
    desk.room("API keys").click()
    desk.content.get_by_role("link", name=re.compile("Add")).first.click()
    desk.page.get_by_label("Provider").select_option("Sandbox")
    desk.page.get_by_label("Label").fill("second account")
    field = desk.page.get_by_label("Secret")
    expect(field).to_have_attribute("type", "password")
    field.fill(secret)
    desk.page.get_by_role("button", name="Test and add").click()
    expect(desk.page.locator(".messagelist")).to_contain_text("serves within two seconds")
    desk.page.wait_for_load_state()
    pages = [desk.page.content()]
    pages += [desk.go(place).page.content() for place in (KEYS, PROVIDERS, "")]
    desk.go(KEYS).content.get_by_role("link", name="second account").click()
    desk.page.wait_for_load_state()
    pages.append(desk.page.content())
    desk.page.get_by_role("link", name="History").click()
    desk.page.wait_for_load_state()
    pages.append(desk.page.content())
    assert "second account" in pages[1]
    assert not any(secret in page for page in pages)
    assert secret not in site.output()
    expect(open_chat().ask("What does delivery cost?")).to_contain_text("€4.90")


def test_an_operator_pauses_a_key_and_wakes_it_again(open_desk: OpenDesk) -> None:
    desk = open_desk("operator").go(KEYS)
    desk.content.locator("#result_list").get_by_role("link", name="sandbox 8").click()
    page = desk.page.url
    for verb, state in (("Pause", "Paused"), ("Resume", "Active")):
        desk.page.goto(page)
        desk.page.get_by_role("link", name=f"{verb} …").click()
        desk.page.get_by_role("button", name=verb).click()
        expect(desk.page.locator(".messagelist")).to_be_visible()
        desk.page.goto(page)
        expect(desk.content.locator(".facts").first).to_contain_text(state)


def test_a_wrong_password_lets_nobody_in(open_desk: OpenDesk, chat: Chat, site: Site) -> None:
    page = chat.page.context.new_page()
    page.goto(f"{site.url}/admin/")
    page.get_by_label("Username").fill("support")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".errornote")).to_be_visible()
    expect(page.locator(".rooms")).to_have_count(0)
