"""A customer takes a copy, deletes a conversation, and goes back to an earlier one."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenDesk
from tests.e2e.site import Site
from tests.e2e.test_accessibility import STILL, violations
from tests.e2e.watch import Watch

QUESTION = "What does delivery cost?"
SLOW_ONES = """
from conversations.models import Message
print(Message.objects.filter(text__contains="slow 1").count())
"""
MANY_TALKS = """
from datetime import timedelta
from conversations.models import Conversation
newest = Conversation.objects.get(opening="How many talks can there be?")
Conversation.objects.bulk_create(
    Conversation(
        widget=newest.widget, visitor=newest.visitor, prompt_version=newest.prompt_version,
        opening=f"number {number}", active_at=newest.active_at - timedelta(days=number),
    )
    for number in range(1, 26)
)
"""
DELETED = re.compile("The conversation was deleted")


def choose(chat: Chat, name: str) -> None:
    """Choose an entry of the menu."""
    chat.button("More").click()
    chat.button(name).click()


def delete(chat: Chat) -> None:
    choose(chat, "Delete conversation …")
    chat.button("Delete for good").click()


def test_the_copy_is_one_page_that_holds_what_was_said(chat: Chat, tmp_path: Path) -> None:
    chat.ask(QUESTION)
    chat.ask("怎么退货？")
    with chat.page.expect_download() as download:
        choose(chat, "Download transcript")
    assert re.fullmatch(r"harbour-pine-\d{4}-\d\d-\d\d\.html", download.value.suggested_filename)
    file = tmp_path / "copy.html"
    download.value.save_as(file)
    page = chat.page.context.new_page()
    page.goto(file.as_uri())
    for words in (QUESTION, "怎么退货？", "30 天内", "€4.90"):
        expect(page.locator("main")).to_contain_text(words)
    assert (
        page.locator("main").evaluate("(node) => getComputedStyle(node.parentNode).maxWidth")
        != "none"
    )
    assert violations(page) == []


def test_a_deleted_conversation_is_gone_here_in_other_tabs_and_for_support(
    chat: Chat, open_desk: OpenDesk
) -> None:
    question = "Can you forget what I ask you now?"
    chat.ask(question)
    other = chat.twin()
    expect(other.questions).to_have_text([question])
    other.field.fill("half a thought")
    delete(chat)
    for tab in (chat, other):
        expect(tab.notice).to_have_text(DELETED)
        expect(tab.items).to_be_empty()
    expect(chat.field).to_be_focused()
    expect(other.field).to_have_value("half a thought")
    desk = open_desk("support").go("conversations/conversation/")
    expect(desk.content.get_by_role("link", name=question)).to_have_count(0)
    other.page.reload()
    other.open()
    expect(other.button(QUESTION)).to_be_visible()
    expect(other.items).to_be_empty()
    other.ask("Do you sell gift cards?")
    expect(other.notice).to_be_empty()
    expect(other.questions).to_have_count(1)


def test_an_answer_under_way_is_deleted_too(chat: Chat, site: Site) -> None:
    before = site.manage("shell", "--verbosity=0", "--command", SLOW_ONES)  # others ask it, too
    answer = chat.send("/fault slow 1")
    expect(answer.locator(".tail-text")).not_to_be_empty()
    delete(chat)
    expect(chat.notice).to_have_text(DELETED)
    expect(chat.items).to_be_empty()
    chat.ask("How do I return something?")  # whose text is kept now and then while it is said
    expect(chat.answers).to_have_count(1)
    assert site.manage("shell", "--verbosity=0", "--command", SLOW_ONES) == before


def test_whoever_hesitates_keeps_everything(chat: Chat) -> None:
    chat.ask(QUESTION)
    choose(chat, "Delete conversation …")
    expect(chat.button("Keep it")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.root.locator("dialog")).to_be_hidden()
    expect(chat.panel).to_be_visible()
    expect(chat.button("More")).to_be_focused()
    choose(chat, "Delete conversation …")
    chat.button("Keep it").click()
    expect(chat.questions).to_have_text([QUESTION])
    expect(chat.notice).to_be_empty()


def test_without_a_network_nothing_is_deleted_and_the_customer_is_told(
    chat: Chat, watch: Watch
) -> None:
    watch.allow("WebSocket connection to .* failed|Failed to load resource")
    chat.ask(QUESTION)
    choose(chat, "Delete conversation …")
    chat.button("Keep it").click()
    chat.page.context.set_offline(True)
    delete(chat)
    choose(chat, "Download transcript")
    expect(chat.notice).to_have_text(re.compile("offline"))
    expect(chat.questions).to_have_text([QUESTION])
    chat.page.context.set_offline(False)
    expect(chat.notice).to_be_empty(timeout=30_000)
    expect(chat.questions).to_have_text([QUESTION])


def test_what_could_not_be_fetched_is_tried_again_when_it_is_wanted_again(
    chat: Chat, watch: Watch
) -> None:
    watch.allow("Failed to load resource")
    chat.ask(QUESTION)
    chat.page.context.route("**/widget/aside-*", lambda route: route.abort())
    choose(chat, "Earlier conversations")
    expect(chat.notice).to_have_text(re.compile("That did not work"))
    chat.page.context.unroute("**/widget/aside-*")
    choose(chat, "Earlier conversations")
    expect(chat.root.locator(".talks li")).to_have_count(1)


def test_there_is_nothing_to_take_or_to_delete_before_the_first_message(chat: Chat) -> None:
    chat.button("More").click()
    expect(chat.button("Start over")).to_be_visible()
    for name in ("Download transcript", "Delete conversation …"):
        expect(chat.button(name)).to_have_count(0)


def test_an_earlier_conversation_is_opened_continued_and_left_again(chat: Chat) -> None:
    chat.ask(QUESTION)
    chat.start_over()
    chat.ask("Do you sell gift cards?")
    chat.field.fill("a draft")
    choose(chat, "Earlier conversations")
    talks = chat.root.locator(".talks li")
    expect(chat.root.locator(".talks h2")).to_be_focused()
    expect(talks.locator(".opening")).to_have_text(["Do you sell gift cards?", QUESTION])
    expect(talks.first.get_by_role("button")).to_have_attribute("aria-current", "true")
    expect(chat.field).to_be_hidden()
    talks.last.get_by_role("button").click()
    expect(chat.questions).to_have_text([QUESTION])
    expect(chat.field).to_be_focused()
    expect(chat.field).to_have_value("a draft")
    chat.page.reload()
    chat.open()
    expect(chat.questions).to_have_text([QUESTION])
    chat.ask("How do I return something?")
    expect(chat.questions).to_have_count(2)
    choose(chat, "Earlier conversations")
    expect(talks.locator(".opening")).to_have_text([QUESTION, "Do you sell gift cards?"])
    chat.page.keyboard.press("Escape")
    expect(chat.field).to_be_focused()
    expect(chat.questions).to_have_count(2)


def test_more_of_the_earlier_conversations_come_when_asked_for(chat: Chat, site: Site) -> None:
    chat.ask("How many talks can there be?")
    site.manage("shell", "--verbosity=0", "--command", MANY_TALKS)
    choose(chat, "Earlier conversations")
    talks = chat.root.locator(".talks li")
    expect(talks).to_have_count(20)
    chat.button("Show more").click()
    expect(talks).to_have_count(26)
    expect(talks.last).to_contain_text("number 25")
    expect(chat.button("Show more")).to_have_count(0)
    expect(talks.nth(20).get_by_role("button")).to_be_focused()


def test_every_new_state_is_accessible(open_chat: OpenChat) -> None:
    chat = open_chat(**STILL)
    panel = chat.page.frames[1]
    choose(chat, "Earlier conversations")
    expect(chat.root.locator(".talks .none")).to_be_visible()
    assert violations(chat.page, panel) == []
    chat.button("Back to the chat").click()
    chat.ask(QUESTION)
    choose(chat, "Earlier conversations")
    expect(chat.root.locator(".talks li")).to_have_count(1)
    assert violations(chat.page, panel) == []
    chat.button("Back to the chat").click()
    choose(chat, "Delete conversation …")
    expect(chat.button("Delete for good")).to_be_visible()
    assert violations(chat.page, panel) == []
    chat.button("Delete for good").click()
    expect(chat.notice).to_have_text(DELETED)
    assert violations(chat.page, panel) == []
