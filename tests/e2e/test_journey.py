"""The main job, as people do it: a customer asks on a website, staff read what was said."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.e2e.conftest import Demo

QUESTION = "How do I return something?"
# The longest of the shop's answers: some seconds of words.
LAST_WORDS = "Returns within Europe are free."


def chat_open(page: Page, demo: Demo) -> FrameLocator:
    page.goto(f"{demo.url}/")
    frame = page.frame_locator("iframe")
    if not page.locator("iframe").is_visible():
        page.get_by_role("button", name=re.compile("chat", re.IGNORECASE)).click()
    expect(frame.get_by_role("textbox", name="Your message")).to_be_visible()
    return frame


def ask(chat: FrameLocator, text: str) -> None:
    box = chat.get_by_role("textbox", name="Your message")
    box.fill(text)
    box.press("Enter")


def test_a_customer_sees_the_answer_grow_and_finds_it_after_a_reload(
    page: Page, demo: Demo
) -> None:
    chat = chat_open(page, demo)
    ask(chat, QUESTION)
    log = chat.get_by_role("log")
    expect(log).to_contain_text("You can return anything")
    expect(log).not_to_contain_text(LAST_WORDS)
    expect(log).to_contain_text(LAST_WORDS)
    expect(log.locator("li")).to_have_count(3)
    page.reload()
    chat = chat_open(page, demo)
    expect(chat.get_by_role("log")).to_contain_text(QUESTION)
    expect(chat.get_by_role("log")).to_contain_text(LAST_WORDS)


def test_a_customer_is_answered_in_chinese(page: Page, demo: Demo) -> None:
    chat = chat_open(page, demo)
    ask(chat, "怎么退货？")
    expect(chat.get_by_role("log")).to_contain_text("欧洲境内退货免费")


def test_what_a_customer_stops_stays_as_it_was_said(page: Page, demo: Demo) -> None:
    chat = chat_open(page, demo)
    ask(chat, QUESTION)
    log = chat.get_by_role("log")
    expect(log).to_contain_text("You can return")
    chat.get_by_role("button", name="Stop answering").click()
    expect(chat.get_by_role("button", name="Send")).to_be_visible()
    page.wait_for_timeout(3000)  # what it would have needed to say the rest
    expect(log).not_to_contain_text(LAST_WORDS)


def test_support_staff_read_what_was_said(page: Page, context: BrowserContext, demo: Demo) -> None:
    chat = chat_open(page, demo)
    ask(chat, "Do you sell gift cards?")
    expect(chat.get_by_role("log")).to_contain_text("They are valid for")
    page.goto(f"{demo.url}/admin/conversations/conversation/")
    page.get_by_label("Username").fill("support")
    page.get_by_label("Password").fill(demo.passwords["support"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Do you sell gift cards?").first.click()
    expect(page.locator("main, #content-main").first).to_contain_text("They are valid for")
