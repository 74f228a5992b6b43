"""Data protection takes out what the list shows, by the browser that people use."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from io import StringIO
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenDesk
from tests.e2e.pdf import pdf_pages, pdf_text
from tests.e2e.site import Site

CONVERSATIONS = "conversations/conversation/"
ALLOW = """
from django.contrib.auth.models import Group, User
User.objects.get(username="support").groups.add(Group.objects.get(name="Data protection"))
"""


def test_the_filtered_list_is_downloaded_and_opens_as_a_table(
    chat: Chat, open_desk: OpenDesk, site: Site
) -> None:
    chat.ask("=1+1 and a wolverineproof jacket 退款")
    site.manage("shell", "-v", "0", "-c", ALLOW)
    desk = open_desk("support").go(f"{CONVERSATIONS}?q=wolverineproof")
    desk.content.get_by_text("Export", exact=True).click()
    with desk.page.expect_download() as download:
        desk.content.get_by_role("button", name="Download").click()
    assert re.fullmatch(r"conversations-[\d-]+\.csv", download.value.suggested_filename)
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["author"] for row in rows] == ["customer", "assistant"]
    assert rows[0]["text"] == "'=1+1 and a wolverineproof jacket 退款"
    desk.content.locator(".field-first_words a").first.click()
    desk.content.get_by_text("Export", exact=True).click()
    desk.content.get_by_label("Lines for programs").check()
    with desk.page.expect_download() as one:
        desk.content.get_by_role("button", name="Download").click()
    line = json.loads(Path(one.value.path()).read_text(encoding="utf-8"))
    assert line["messages"][0]["text"].startswith("=1+1")
    desk.content.get_by_role("link", name="Print", exact=True).click()
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("wolverineproof")


def bare(text: str) -> str:
    """Return a text without blanks; a font may have one glyph for a character and its radical."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_a_conversation_on_paper_holds_what_was_said_and_nothing_to_press(
    chat: Chat, open_desk: OpenDesk, site: Site
) -> None:
    chat.ask("Is the quokkaproof tent 防水 in a storm?")
    site.manage("shell", "-v", "0", "-c", ALLOW)
    # Of a dark desk, too: paper is light.
    desk = open_desk("support", color_scheme="dark").go(f"{CONVERSATIONS}?q=quokkaproof")
    desk.content.locator(".field-first_words a").first.click()
    desk.content.get_by_text("Export", exact=True).click()
    desk.content.get_by_role("link", name="Print", exact=True).click()
    expect(desk.page.get_by_role("button", name="Print")).to_be_visible()
    answer = desk.page.locator("li:not(.customer) .said").inner_text()
    printed = desk.page.pdf(format="A4", print_background=True)
    text = bare(pdf_text(printed))
    for words in ("Is the quokkaproof tent 防水 in a storm?", answer, "Opened to print by support"):
        assert bare(words) in text, words
    assert "Backtotheconversation" not in text
    assert pdf_pages(printed) == 1
    desk.page.emulate_media(media="print", color_scheme="dark")
    expect(desk.page.locator(".tools")).to_be_hidden()
    paper = desk.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
