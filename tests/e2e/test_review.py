"""Support staff judge conversations one after the other, with hardly a hand on the mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenChat, OpenDesk

CONVERSATIONS = "conversations/conversation/"


def test_a_filtered_list_is_judged_by_keys_alone(open_chat: OpenChat, open_desk: OpenDesk) -> None:
    questions = ["Does the queue know lighthouses?", "Does the queue know fog horns?"]
    for question in questions:
        open_chat().ask(question)
    desk = open_desk("support").go(f"{CONVERSATIONS}?q=does+the+queue")
    page, answer = desk.page, desk.content.locator(".turn-assistant")
    expect(desk.content.locator(".counts")).to_contain_text("2 conversations wait")
    desk.content.get_by_role("button", name="Review these one by one").click()
    expect(desk.content.get_by_role("heading", level=1)).to_have_text(questions[1])
    keys = desk.content.get_by_role("button", name="Keys")
    expect(keys).to_be_visible()  # the script runs

    page.wait_for_load_state()  # before it the page hears no key
    page.keyboard.press("j")
    expect(answer).to_be_focused()
    page.keyboard.press("2")
    expect(answer.get_by_role("radio", name="Wrong")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("It is j and d, not 2.")  # letters that are keys, in a field
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(answer.locator(".judge")).to_contain_text("Wrong")
    answer.locator(".judge summary").click()
    expect(answer).to_contain_text("It is j and d, not 2.")

    expect(keys).to_be_visible()
    page.keyboard.press("n")
    expect(desk.content.get_by_label("Add a note")).to_be_focused()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("d")
    expect(desk.content.get_by_role("heading", level=1)).to_have_text(questions[0])
    expect(desk.content.locator(".counts")).to_contain_text("1 done by you today")
    expect(keys).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.locator(".messagelist")).to_contain_text("Nothing waits in this queue any more")


def test_a_bad_answer_becomes_a_test_case_by_one_key(
    open_chat: OpenChat, open_desk: OpenDesk
) -> None:
    question = "Does the shop know about whale bones?"
    open_chat().ask(question)
    desk = open_desk("support").go(f"{CONVERSATIONS}?q=whale+bones")
    desk.content.get_by_role("link", name=question).first.click()
    answer = desk.content.locator(".turn-assistant")
    desk.page.wait_for_load_state()  # before it the page hears no key
    with desk.page.expect_navigation():
        desk.page.keyboard.press("t")
    expect(desk.page.locator(".messagelist")).to_contain_text("The answer is a test case now")
    expect(answer.locator(".turn-case")).to_contain_text(question)

    desk = open_desk("editor").go(f"{CONVERSATIONS}?q=whale+bones")
    desk.content.get_by_role("link", name=question).first.click()
    desk.content.locator(".turn-case").get_by_role("link", name=question).click()
    expect(desk.content.get_by_role("heading", level=1)).to_have_text(question)
    expect(desk.page.locator("#id_checks-0-kind")).to_have_value("judged")
    desk.page.get_by_role("link", name="Delete").click()  # for the tests that come after
    desk.content.get_by_role("button", name="Delete").click()
    expect(desk.page.locator(".messagelist")).to_contain_text("is deleted")


def test_the_keys_are_told_on_demand(open_chat: OpenChat, open_desk: OpenDesk) -> None:
    question = "Who reads the help overlay?"
    open_chat().ask(question)
    desk = open_desk("support").go(f"{CONVERSATIONS}?q=help+overlay")
    desk.content.get_by_role("link", name=question).first.click()
    keys = desk.page.get_by_role("dialog", name="Keys")
    desk.page.wait_for_load_state()  # before it the page hears no key
    expect(desk.content.get_by_role("button", name="Keys")).to_be_visible()  # the script runs
    expect(keys).to_be_hidden()
    desk.page.keyboard.press("?")
    expect(keys).to_contain_text("Next and previous answer")
    desk.page.keyboard.press("d")  # a key of the page behind does nothing now
    expect(keys).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(desk.content.get_by_role("heading", level=1)).to_have_text(question)
