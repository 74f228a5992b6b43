"""A customer says what they think of an answer."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenDesk
from tests.e2e.rest import box
from tests.e2e.test_accessibility import STILL, violations
from tests.e2e.test_keyboard import tab_to

QUESTION = "What does delivery cost?"


def thumb(answer: Locator, name: str) -> Locator:
    return answer.get_by_role("button", name=name, exact=True)


def test_a_thumb_is_given_seen_in_another_tab_and_there_after_a_reload(chat: Chat) -> None:
    answer = chat.ask(QUESTION)
    other = chat.twin()
    thumb(answer, "Helpful").click()
    for tab in (chat, other):
        expect(thumb(tab.answers.first, "Helpful")).to_have_attribute("aria-pressed", "true")
    expect(answer.locator(".thanks")).to_have_text("Thank you!")
    expect(other.answers.first.locator(".thanks")).to_be_empty()
    other.page.reload()
    other.open()
    expect(thumb(other.answers.first, "Helpful")).to_have_attribute("aria-pressed", "true")
    thumb(other.answers.first, "Helpful").click()
    expect(thumb(answer, "Helpful")).to_have_attribute("aria-pressed", "false")
    expect(other.answers.first.locator(".thanks")).to_have_text("Taken back")


def test_a_thumb_down_asks_why_and_support_reads_it(chat: Chat, open_desk: OpenDesk) -> None:
    question = "Do you deliver to Iceland on Sundays?"
    answer = chat.ask(question)
    thumb(answer, "Not helpful").click()
    thumb(answer, "Incomplete").click()
    expect(thumb(answer, "Incomplete")).to_have_attribute("aria-pressed", "true")
    thumb(answer, "Wrong").click()
    expect(thumb(answer, "Incomplete")).to_have_attribute("aria-pressed", "false")
    answer.get_by_label("Comment").fill("It does not say <when>.")
    answer.get_by_label("Comment").press("Enter")
    expect(answer.locator(".why")).to_be_hidden()
    expect(thumb(answer, "Not helpful")).to_be_focused()
    desk = open_desk("support").go("conversations/conversation/?rating=down")
    desk.content.get_by_role("link", name=question).first.click()
    turn = desk.content.locator(".turn").last
    expect(turn).to_contain_text("Not helpful · Wrong")
    expect(turn.locator(".rated-comment")).to_have_text("It does not say <when>.")


def test_why_is_not_asked_again_after_a_reload(chat: Chat) -> None:
    answer = chat.ask(QUESTION)
    thumb(answer, "Not helpful").click()
    expect(answer.locator(".why")).to_be_visible()
    thumb(answer, "Helpful").click()
    expect(answer.locator(".why")).to_be_hidden()
    thumb(answer, "Not helpful").click()
    expect(thumb(answer, "Not helpful")).to_have_attribute("aria-pressed", "true")
    chat.page.reload()
    chat.open()
    expect(thumb(chat.answers.first, "Not helpful")).to_have_attribute("aria-pressed", "true")
    expect(chat.answers.first.locator(".why")).to_be_hidden()


def test_only_an_answer_that_said_something_can_be_rated(chat: Chat) -> None:
    expect(thumb(chat.ask("/fault 500"), "Helpful")).to_have_count(0)
    answer = chat.send("/fault slow 1")
    expect(answer.locator(".tail-text")).not_to_be_empty()
    expect(thumb(answer, "Helpful")).to_have_count(0)
    chat.button("Stop answering").click()
    expect(thumb(answer, "Helpful")).to_be_visible()


def test_an_answer_that_is_tried_again_loses_its_thumb(chat: Chat) -> None:
    answer = chat.ask("/fault cut 3")
    thumb(answer, "Helpful").click()
    expect(thumb(answer, "Helpful")).to_have_attribute("aria-pressed", "true")
    chat.retry(answer)
    expect(answer).to_have_attribute("data-status", "interrupted")
    expect(thumb(answer, "Helpful")).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_alone_rates_and_says_why(chat: Chat) -> None:
    answer = chat.ask(QUESTION)
    chat.root.get_by_role("log").focus()
    tab_to(chat.page, thumb(answer, "Not helpful"))
    chat.page.keyboard.press("Space")
    expect(answer.locator(".why")).to_be_visible()
    tab_to(chat.page, thumb(answer, "Did not help"), most=2)
    chat.page.keyboard.press("Enter")
    expect(thumb(answer, "Did not help")).to_have_attribute("aria-pressed", "true")
    tab_to(chat.page, answer.get_by_label("Comment"))
    chat.page.keyboard.type("Too short")
    chat.page.keyboard.press("Enter")
    expect(thumb(answer, "Not helpful")).to_be_focused()


def test_enter_that_chooses_a_word_does_not_send_half_a_comment(chat: Chat) -> None:
    answer = chat.ask(QUESTION)
    thumb(answer, "Not helpful").click()
    comment = answer.get_by_label("Comment")
    comment.focus()
    line = chat.page.context.new_cdp_session(chat.page)
    line.send("Input.imeSetComposition", {"text": "man", "selectionStart": 3, "selectionEnd": 3})
    line.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    expect(comment).to_be_visible()
    line.send("Input.insertText", {"text": "慢"})
    comment.press("Enter")
    expect(comment).to_be_hidden()


def test_rating_is_accessible_and_large_enough_for_a_finger(open_chat: OpenChat) -> None:
    chat = open_chat(**STILL)
    answer = chat.ask(QUESTION)
    thumb(answer, "Not helpful").click()
    thumb(answer, "Incomplete").click()
    expect(thumb(answer, "Incomplete")).to_have_attribute("aria-pressed", "true")
    for button in answer.get_by_role("button").all():
        size = box(button)
        assert min(size["width"], size["height"]) >= 24, button
    assert violations(chat.page, chat.page.frames[1]) == []
