"""A language is one catalogue file, and one that runs leftwards turns the chat around.

The catalogue is made here, of every sentence there is: what lacks its mark is in no catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenContext
from tests.e2e.pseudo import MARK, catalogue_make
from tests.e2e.rest import box
from tests.e2e.site import Site

# What people read of the panel, and what is read to them; the owner's words apart.
SENTENCES_SCRIPT = """
() => {
  const own = ".title, .prose, .chips button, .bubble, textarea, script, noscript, .time";
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { data, parentElement } = walk.currentNode;
    if (data.trim() && !parentElement.closest(own)) said.push(data.trim());
  }
  for (const node of document.querySelectorAll("[aria-label], [placeholder]")) {
    said.push(...["aria-label", "placeholder"].map((name) => node.getAttribute(name)));
  }
  return said.filter(Boolean);
}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo with one more language than it was delivered with."""
    catalogues = tmp_path_factory.mktemp("locale")
    catalogue_make(catalogues, "ar")
    site = Site(tmp_path_factory.mktemp("site"), LOCALE_PATH=str(catalogues))
    site.start()
    yield site
    assert site.stop() == 0


@pytest.fixture
def arab(open_context: OpenContext, site: Site) -> Chat:
    """The chat of a customer whose browser speaks Arabic."""
    page: Page = open_context(locale="ar").new_page()
    page.goto(site.url)
    return Chat(page).open()


def test_every_sentence_of_the_widget_comes_from_the_catalogue(arab: Chat) -> None:
    expect(arab.launcher).to_have_attribute("aria-label", f"{MARK} Close chat")
    arab.root.locator(".menu-button").click()
    arab.ask("/fault 500")
    sentences = arab.page.frames[1].evaluate(SENTENCES_SCRIPT)
    assert len(sentences) > 10
    assert [text for text in sentences if not text.startswith(MARK)] == []


def test_the_chat_is_turned_around(arab: Chat) -> None:
    expect(arab.root.locator("html")).to_have_attribute("dir", "rtl")
    arab.ask("What does delivery cost?")
    panel, middle = box(arab.panel), 0.0
    middle = panel["x"] + panel["width"] / 2
    close, title = box(arab.root.locator(".close")), box(arab.root.locator(".badge"))
    bubble, send = box(arab.questions.first), box(arab.root.locator(".send"))
    assert close["x"] < middle < title["x"]
    assert bubble["x"] + bubble["width"] < middle + 60  # what I said stands where my lines end
    assert bubble["x"] - panel["x"] < 30
    assert send["x"] < middle
    log = arab.root.locator(".log")
    assert log.evaluate("(log) => log.scrollWidth <= log.clientWidth")


def test_each_message_runs_the_way_its_own_words_do(arab: Chat) -> None:
    arab.ask("مرحبا، متى تفتحون؟")
    arab.ask("Hello, when do you open?")
    directions = arab.questions.evaluate_all(
        "(nodes) => nodes.map((node) => getComputedStyle(node).direction)"
    )
    assert directions == ["rtl", "ltr"]


def test_staff_work_in_that_language_too(open_context: OpenContext, site: Site) -> None:
    page = open_context(locale="ar").new_page()
    page.goto(f"{site.url}/admin/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
