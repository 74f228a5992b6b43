"""Two tabs of one browser, in one of which nothing was said yet."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.chat import Chat

LEAVE = "Leave a message for our team"


def tab_beside(chat: Chat) -> Chat:
    """Open the same page once more, with the panel open, and write half a word there."""
    other = Chat(chat.page.context.new_page())
    other.page.goto(chat.page.url)
    other.open()
    expect(other.root.locator(".skeleton")).to_be_hidden()
    other.field.fill("half a wo")
    return other


def test_what_one_tab_begins_the_other_shows_and_keeps_its_draft(chat: Chat) -> None:
    other = tab_beside(chat)
    chat.ask("What does delivery cost?")
    expect(other.questions).to_have_text(["What does delivery cost?"])
    expect(other.answers).to_have_attribute("data-status", "complete")
    expect(other.field).to_have_value("half a wo")
    other.ask("Do you sell gift cards?")
    expect(chat.questions).to_have_count(2)


def test_a_message_for_the_team_is_seen_in_the_other_tab_at_once(chat: Chat) -> None:
    other = tab_beside(chat)
    chat.button("More").click()
    chat.button(LEAVE).click()
    chat.root.get_by_label("Your e-mail address").fill("ada@example.org")
    chat.root.get_by_label("What is it about?").fill("Please call me.")
    chat.button("Send to our team").click()
    for tab in (chat, other):
        expect(tab.root.locator(".team .left")).to_contain_text("ada@example.org")
    expect(other.items).to_be_empty()
