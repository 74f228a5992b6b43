"""Everything without a mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenContext
from tests.e2e.site import Site


def tab_to(page: Page, target: Locator, *, most: int = 30) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("(node) => node.getRootNode().activeElement === node"):
            return
    raise AssertionError(f"{target} was not reached with {most} presses of Tab")


def test_a_customer_asks_with_the_keyboard_alone(open_context: OpenContext, site: Site) -> None:
    page = open_context().new_page()
    page.goto(site.url)
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    tab_to(page, chat.launcher)
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    expect(chat.launcher).to_have_attribute("aria-expanded", "true")
    page.keyboard.type("What does delivery cost?")
    page.keyboard.press("Enter")
    expect(chat.answers.last).to_contain_text("€4.90")
    expect(chat.field).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat.questions).to_have_count(1)
    expect(chat.field).to_be_focused()


def test_shift_and_enter_begin_a_new_line(chat: Chat) -> None:
    chat.field.press_sequentially("one")
    chat.field.press("Shift+Enter")
    chat.field.press_sequentially("two")
    expect(chat.field).to_have_value("one\ntwo")
    expect(chat.items).to_be_empty()


def test_escape_closes_the_menu_before_the_panel(chat: Chat) -> None:
    tab_to(chat.page, chat.button("More"))
    chat.page.keyboard.press("Enter")
    expect(chat.button("Start over")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.button("More")).to_be_focused()
    expect(chat.panel).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


def test_a_finished_answer_is_announced_once_and_its_words_are_not(chat: Chat) -> None:
    announcer = chat.root.locator(".announcer")
    announcer.evaluate(
        """(node) => {
          node.said = [];
          new MutationObserver(() => node.said.push(node.textContent)).observe(
            node, {childList: true, characterData: true, subtree: true});
        }"""
    )
    chat.ask("What does delivery cost?")
    said = announcer.evaluate("(node) => node.said.filter(Boolean)")
    assert len(said) == 1, said
    assert said[0].startswith("AI assistant: ")
    assert "Outside Europe we charge €18." in said[0]
    expect(chat.root.get_by_role("log")).to_have_attribute("aria-live", "off")
