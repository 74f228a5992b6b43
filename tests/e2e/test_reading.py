"""Support finds a conversation, reads it while it goes on, and nothing that was said acts."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.conversations.payloads import PAYLOADS
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenDesk

CONVERSATIONS = "conversations/conversation/"


def test_support_finds_words_and_reads_on_while_the_customer_writes(
    chat: Chat, open_desk: OpenDesk
) -> None:
    chat.ask("Is the Skerry jacket waterproof, or only kestrelproof?")
    desk = open_desk("support").go(CONVERSATIONS)
    desk.page.get_by_role("searchbox").fill("kestrelproof")
    desk.page.get_by_role("searchbox").press("Enter")
    expect(desk.content.locator("mark").first).to_have_text("kestrelproof")
    desk.content.locator(".hit").first.click()
    turns = desk.content.locator(".turn")
    expect(turns).to_have_count(2)
    expect(desk.page).to_have_url(re.compile("#message-1$"))
    chat.ask("And which size?")
    expect(turns).to_have_count(4)
    expect(turns.nth(2)).to_contain_text("And which size?")
    expect(turns.nth(3)).to_contain_text("Complete")
    expect(desk.page.get_by_role("status")).to_have_text("There are new messages.")


def test_a_view_is_saved_and_chosen_again(chat: Chat, open_desk: OpenDesk) -> None:
    chat.ask("Let me talk to a human, please")
    desk = open_desk("support").go(f"{CONVERSATIONS}?sign=human")
    desk.content.get_by_text("Save as a view").click()
    desk.content.get_by_label("Name", exact=True).fill("People wanted")
    desk.content.get_by_role("button", name="Save").click()
    desk.go(CONVERSATIONS).content.get_by_role("link", name="People wanted").click()
    expect(desk.content.locator(".chip")).to_contain_text("Asked for a human")
    expect(desk.content.locator("#result_list")).to_contain_text("Let me talk to a human")


def test_no_payload_acts_in_list_search_or_transcript(
    open_chat: OpenChat, open_desk: OpenDesk
) -> None:
    # Requests to anywhere else, script errors and refused policies are the watch's to tell.
    open_chat().ask("needle " + "\n\n".join(PAYLOADS[:-1]))
    desk = open_desk("support").go(f"{CONVERSATIONS}?q=needle")
    expect(desk.content.locator("mark").first).to_be_visible()
    desk.content.locator(".hit").first.click()
    expect(desk.content.locator(".turn").first).to_be_visible()
    places = (desk.page.url, f"{desk.url}{CONVERSATIONS}", f"{desk.url}{CONVERSATIONS}?q=script")
    for place in places:
        desk.page.goto(place)
        desk.page.wait_for_load_state("networkidle")
        assert desk.page.evaluate("window.acted") is None
