"""Customers who read Chinese."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.site import ROOT

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_a_chinese_question_gets_the_chinese_answer(chat: Chat) -> None:
    answer = chat.ask("怎么退货？")
    expect(answer).to_contain_text("欧洲境内退货免费")
    expect(answer.locator("strong")).to_have_text("30 天内")
    expect(answer.locator("li")).to_have_count(3)


def test_enter_that_chooses_a_word_does_not_send_half_a_sentence(chat: Chat) -> None:
    line = chat.page.context.new_cdp_session(chat.page)
    line.send("Input.imeSetComposition", {"text": "tuihuo", "selectionStart": 6, "selectionEnd": 6})
    expect(chat.field).to_have_value("tuihuo")
    line.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    expect(chat.items).to_be_empty()
    line.send("Input.insertText", {"text": "退货"})
    expect(chat.field).to_have_value("退货")
    chat.field.press("Enter")
    expect(chat.questions).to_have_text(["退货"])


@pytest.mark.skipif(
    not (ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo").exists(),
    reason="The Chinese translation is not there yet",
)
def test_a_chinese_browser_is_spoken_to_in_chinese(open_chat: OpenChat) -> None:
    chat = open_chat(locale="zh-CN")
    expect(chat.page.locator("html")).to_have_attribute("lang", "zh-hans")
    for locator in (
        chat.page.locator("h1"),
        chat.root.locator(".badge"),
        chat.root.locator(".presence"),
        chat.root.locator(".caution"),
    ):
        expect(locator).to_have_text(CHINESE)
    for locator in (chat.launcher, chat.field, chat.root.locator(".send")):
        expect(locator).to_have_attribute("aria-label", CHINESE)
    expect(chat.field).to_have_attribute("placeholder", CHINESE)
    chat.ask("/fault 500")
    expect(chat.answers.last.locator(".end")).to_have_text(CHINESE)
    expect(chat.answers.last.get_by_role("button")).to_have_text(CHINESE)
