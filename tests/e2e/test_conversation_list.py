"""The list of conversations fits its screen, and is narrowed down with and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.conftest import OpenChat, OpenContext, OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.site import Site

CONVERSATIONS = "conversations/conversation/"
OVERFLOW_SCRIPT = """
() => {
  const places = ["html", ".results, .toolbar, .views, .chips", "td:not(.field-reading) > .state"];
  const found = [...document.querySelectorAll(places)];
  return found.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className);
}
"""
LONG = """
from conversations.models import Conversation, Customer, Rating, Reply
talk = Conversation.objects.get(opening__startswith="Which angora is warmest")
talk.customer = Customer.objects.create(
    widget=talk.widget, external_id="long", name="Wolfeschlegelsteinhausenbergerdorff " * 3
)
Rating.objects.create(reply=Reply.objects.get(message__conversation=talk), value="down")
talk.has_asked_for_human, talk.most_repeated, talk.message_count = True, 3, 40
talk.save()
"""
SIZES: list[ViewportSize] = [
    {"width": 1280, "height": 800},
    {"width": 1440, "height": 900},
    {"width": 390, "height": 844},
]


def too_wide(page: Page) -> list[str]:
    """Return the parts of the page that are wider than their place."""
    found: list[str] = page.evaluate(OVERFLOW_SCRIPT)
    return found


def test_whatever_stands_in_it_the_list_fits(
    open_chat: OpenChat, open_desk: OpenDesk, site: Site
) -> None:
    open_chat().ask("Which angora is warmest? " + "W" * 120)
    site.manage("shell", "-v", "0", "-c", LONG)
    for locale in ("en-GB", "zh-CN"):
        desk = open_desk("support", locale=locale)
        for size in SIZES:
            desk.page.set_viewport_size(size)
            for query in ("", "?q=angora&sign=human&outcome=answered", "?q=nobodysaidthat"):
                desk.go(f"{CONVERSATIONS}{query}")
                expect(desk.content.locator("#searchbar")).to_be_visible()
                assert too_wide(desk.page) == [], (locale, size, query)
            last = desk.go(f"{CONVERSATIONS}?q=angora").content.locator(".field-last_activity")
            expect(last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "none"])
def test_filters_are_set_together_and_let_go_of_one_by_one(
    open_chat: OpenChat, open_context: OpenContext, site: Site, *, has_script: bool
) -> None:
    word = "scripted" if has_script else "plain"
    question = f"Is there a {word} lighthouse?"
    open_chat().ask(question)
    page = open_context(java_script_enabled=has_script, locale="en-GB").new_page()
    desk = Desk(page, site).sign_in("support")
    expect(desk.rooms).to_be_visible()
    desk.go(f"{CONVERSATIONS}?q={word}")
    desk.content.locator("summary", has_text="Filters").click()
    form = desk.content.locator("form.menu[method=get]")
    form.get_by_label("Newest answer").select_option("Answered")
    form.get_by_label("Customer", exact=True).select_option("Anonymous")
    form.get_by_role("button", name="Show these").click()
    chips = desk.content.locator(".chip")
    expect(chips).to_have_text([re.compile("Newest answer: *Answered"), re.compile("Anonymous")])
    assert page.url.endswith(f"?q={word}&outcome=answered&verified=no")
    expect(desk.content.locator(".opening")).to_have_text([question])
    desk.content.get_by_role("link", name="Let go of newest answer: Answered").click()
    expect(chips).to_have_text([re.compile("Anonymous")])
    assert page.url.endswith(f"?q={word}&verified=no")
    desk.content.get_by_role("link", name="Show all again").click()
    expect(chips).to_have_count(0)


def test_a_view_behind_the_row_comes_into_it_when_it_is_chosen(open_desk: OpenDesk) -> None:
    desk = open_desk("support").go(CONVERSATIONS)
    more = desk.content.locator(".more-views")
    row = desk.content.locator(".view-links")
    expect(row.get_by_role("link", name="In circles")).to_have_count(0)
    more.locator("summary").click()
    desk.page.keyboard.press("Tab")
    expect(more.get_by_role("link").first).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(more.locator("ul")).to_be_hidden()
    expect(more.locator("summary")).to_be_focused()
    more.locator("summary").click()
    more.get_by_role("link", name="In circles").click()
    expect(row.get_by_role("link", name="In circles")).to_have_attribute("aria-current", "page")


def test_one_menu_is_open_at_a_time_and_a_click_elsewhere_closes_it(open_desk: OpenDesk) -> None:
    desk = open_desk("support").go(f"{CONVERSATIONS}?sign=loop")
    filters = desk.content.locator(".narrowing form")
    save = desk.content.locator("form.menu", has=desk.page.locator("#view-name"))
    desk.content.locator("summary", has_text="Filters").click()
    expect(filters).to_be_visible()
    desk.content.get_by_role("heading", level=1).click()
    expect(filters).to_be_hidden()
    desk.content.get_by_text("Save as a view").click()
    expect(save).to_be_visible()
    desk.content.locator("summary", has_text="Filters").click()
    expect(save).to_be_hidden()
    expect(filters).to_be_visible()
