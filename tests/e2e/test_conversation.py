"""A customer asks, and is answered."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenContext
from tests.e2e.site import Site


def test_a_new_customer_is_greeted_by_what_says_it_is_an_ai(chat: Chat) -> None:
    expect(chat.root.locator(".badge")).to_have_text("AI assistant")
    expect(chat.root.locator(".badge")).to_be_visible()
    expect(chat.root.locator(".greeting")).to_contain_text("Ask me about orders")
    expect(chat.items).to_be_empty()


def test_the_panel_is_loaded_only_when_it_is_opened(open_context: OpenContext, site: Site) -> None:
    chat = Chat(open_context().new_page())
    chat.page.goto(site.url)
    expect(chat.launcher).to_be_visible()
    assert len(chat.page.frames) == 1
    chat.open()
    assert len(chat.page.frames) == 2


def test_an_answer_grows_while_it_is_said_and_ends_as_set_text(chat: Chat) -> None:
    with chat.growth() as lengths:
        answer = chat.ask("How do I return something?")
    assert len(lengths) >= 5, lengths
    assert lengths[-1] > lengths[0], lengths
    expect(answer).to_have_attribute("data-status", "complete")
    expect(answer.locator("strong")).to_have_text("30 days")
    expect(answer.locator("li")).to_have_count(3)
    expect(answer.locator(".caret")).to_be_hidden()


def test_a_suggested_question_is_asked_with_one_click_and_then_makes_room(chat: Chat) -> None:
    question = "What does delivery cost?"
    chat.button(question).click()
    expect(chat.questions).to_have_text([question])
    expect(chat.answers.last).to_contain_text("€4.90")
    expect(chat.root.locator(".chips")).to_be_hidden()


def test_a_conversation_is_there_again_after_a_reload(chat: Chat) -> None:
    said = chat.ask("What warranty do you give?").locator(".prose").inner_html()
    chat.page.reload()
    chat.open()
    expect(chat.questions).to_have_text(["What warranty do you give?"])
    expect(chat.answers).to_have_attribute("data-status", "complete")
    assert chat.answers.locator(".prose").inner_html() == said


def test_starting_over_leaves_the_old_conversation_behind(chat: Chat) -> None:
    chat.ask("What warranty do you give?")
    chat.start_over()
    expect(chat.items).to_be_empty()
    expect(chat.field).to_be_focused()
    expect(chat.button("What does delivery cost?")).to_be_visible()
    chat.page.reload()
    chat.open()
    expect(chat.button("What does delivery cost?")).to_be_visible()
    expect(chat.items).to_be_empty()
    chat.ask("Do you sell gift cards?")
    chat.page.reload()
    chat.open()
    expect(chat.questions).to_have_text(["Do you sell gift cards?"])


def test_stop_keeps_what_was_said(chat: Chat) -> None:
    answer = chat.send("/fault slow 1")
    expect(answer.locator(".tail-text")).not_to_be_empty()
    chat.button("Stop answering").click()
    expect(answer).to_have_attribute("data-status", "stopped")
    expect(answer.locator(".prose")).not_to_be_empty()
    expect(answer.locator(".end")).to_have_text("Stopped")
    expect(chat.button("Stop answering")).to_be_hidden()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")


def test_questions_asked_while_an_answer_runs_are_answered_in_order(chat: Chat) -> None:
    first = chat.send("How do I return something?")
    second = chat.ask("What does delivery cost?")
    expect(first).to_have_attribute("data-status", "complete")
    expect(second).to_have_attribute("data-status", "complete")
    order = chat.items.locator(".mine, .answer").evaluate_all(
        "(nodes) => nodes.map((node) => node.querySelector('.bubble, .prose').innerText)"
    )
    assert [text[:24] for text in order[::2]] == [
        "How do I return somethin",
        "What does delivery cost?",
    ]
    assert "30 days" in order[1]
    assert "€4.90" in order[3]


def test_two_tabs_of_one_browser_show_the_same(chat: Chat) -> None:
    chat.ask("What does delivery cost?")
    other = chat.twin()
    expect(other.questions).to_have_text(["What does delivery cost?"])
    with other.growth() as lengths:
        chat.ask("How do I return something?")
        expect(other.answers.nth(1)).to_have_attribute("data-status", "complete")
    assert len(lengths) >= 5, lengths
    expect(other.items.locator(".prose")).to_have_text(
        chat.items.locator(".prose").all_inner_texts()
    )
    other.ask("Do you sell gift cards?")
    expect(chat.questions).to_have_count(3)
    expect(chat.answers.last).to_contain_text("€250")


def test_the_chat_is_a_page_of_its_own_too(
    open_context: OpenContext, open_chat: OpenChat, site: Site
) -> None:
    key = open_chat().page.locator("[data-chatsite]").get_attribute("data-chatsite")
    chat = Chat(open_context().new_page(), is_framed=False)
    chat.page.goto(f"{site.url}/chat/{key}/")
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    expect(chat.button("Close chat")).to_have_count(0)
