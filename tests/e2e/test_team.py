"""A customer whom the bot does not help reaches a person, who sees it, answers and closes it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenDesk
from tests.e2e.rest import box
from tests.e2e.site import Site
from tests.e2e.watch import Watch

LEAVE = "Leave a message for our team"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def fill_by_keyboard(page: Page, *, email: str, text: str) -> None:
    """Fill in the form as somebody without a mouse does: the name has the focus."""
    page.keyboard.type("Ada L.")
    page.keyboard.press("Tab")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(text)
    page.keyboard.press("Tab")  # Cancel
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_after_failed_answers_a_message_reaches_the_team_by_keyboard(
    chat: Chat, open_desk: OpenDesk
) -> None:
    offer = chat.root.locator(".team .offer")
    chat.ask("/fault 500")
    expect(offer).to_be_hidden()
    chat.ask("/fault 500")
    expect(offer).to_be_visible()
    offer.get_by_role("button", name=LEAVE).focus()
    chat.page.keyboard.press("Enter")
    dialog = chat.root.get_by_role("dialog", name=LEAVE)
    expect(dialog.get_by_label("Your name (optional)")).to_be_focused()
    fill_by_keyboard(chat.page, email="nobody", text="teamproof: please call me.")
    expect(dialog.get_by_role("alert")).to_have_text(
        "Please check your e-mail address: our team answers there."
    )
    email = dialog.get_by_label("Your e-mail address")
    expect(email).to_be_focused()
    email.fill("ada@example.org")
    chat.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    line = chat.root.locator(".team .left")
    expect(line).to_contain_text("will write to ada@example.org")
    expect(offer).to_be_hidden()

    desk = open_desk("support").go("conversations/conversation/?team=open")
    desk.content.locator("a.opening", has_text="/fault 500").first.click()
    team = desk.content.locator("#team")
    expect(team).to_contain_text("teamproof: please call me.")
    expect(team.get_by_role("link", name="ada@example.org")).to_be_visible()
    team.get_by_label("Note for colleagues (optional)").fill("Called her")
    team.get_by_role("button", name="Close it").click()
    expect(team).to_contain_text("Called her")
    expect(line).to_contain_text("Our team has seen to your message")


def test_the_assistant_offers_it_and_its_mark_is_never_seen(chat: Chat) -> None:
    answer = chat.ask("How can I contact you, by email or phone?")
    expect(answer).to_contain_text("Write to hello@harbourandpine.example")
    expect(answer).not_to_contain_text("[")
    expect(chat.root.locator(".team .offer")).to_be_visible()


def test_escape_closes_the_form_and_keeps_what_was_typed(chat: Chat) -> None:
    chat.button("More").click()
    chat.button(LEAVE).click()
    dialog = chat.root.get_by_role("dialog", name=LEAVE)
    dialog.get_by_label("What is it about?").fill("half a thought")
    chat.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(chat.panel).to_be_visible()
    chat.button("More").click()
    chat.button(LEAVE).click()
    expect(dialog.get_by_label("What is it about?")).to_have_value("half a thought")


def test_without_a_network_nothing_is_lost(chat: Chat, watch: Watch) -> None:
    watch.allow("ERR_FAILED")
    chat.button("More").click()
    chat.button(LEAVE).click()
    dialog = chat.root.get_by_role("dialog", name=LEAVE)
    dialog.get_by_label("Your e-mail address").fill("ada@example.org")
    dialog.get_by_label("What is it about?").fill("teamproof without a network")
    refused = "**/widget/*/team/*"
    chat.page.route(refused, lambda route: route.abort())
    dialog.get_by_role("button", name="Send to our team").click()
    expect(dialog.get_by_role("alert")).to_contain_text("what you wrote is still here")
    chat.page.unroute(refused)
    dialog.get_by_role("button", name="Send to our team").click()
    # Nothing was said before: a conversation begins with it.
    expect(chat.root.locator(".team .left")).to_contain_text("ada@example.org")
    expect(chat.items).to_be_empty()


def test_the_form_fits_on_a_phone(open_chat: OpenChat, site: Site) -> None:
    chat = open_chat(**PHONE)
    chat.button("More").click()
    chat.button(LEAVE).click()
    dialog = chat.root.get_by_role("dialog", name=LEAVE)
    expect(dialog).to_be_visible()
    place = box(dialog)
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 390
    assert dialog.evaluate("(node) => node.scrollWidth <= node.clientWidth")
