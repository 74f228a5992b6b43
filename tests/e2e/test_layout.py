"""On small screens, in the dark, and on a host's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenContext
from tests.e2e.rest import box
from tests.e2e.site import Site

PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 320, "height": 568}
LIGHTNESS_SCRIPT = """
(node) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  canvas.fillStyle = getComputedStyle(node).backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
  return (r + g + b) / 765;
}
"""
# Until the reader is at the top; the browser scrolls when it comes to it.
TOP_SCRIPT = """
(log) => new Promise((done) => {
  const look = () => (log.scrollTop === 0 ? done() : requestAnimationFrame(look));
  look();
})
"""


def lightness(locator: Locator) -> float:
    """Return how light an element's background is, from 0 to 1."""
    return float(locator.evaluate(LIGHTNESS_SCRIPT))


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["390", "320"])
def test_on_a_phone_the_panel_is_the_screen(open_chat: OpenChat, size: ViewportSize) -> None:
    chat = open_chat(viewport=size, has_touch=True, is_mobile=True)
    expect(chat.launcher).to_be_hidden()
    chat.ask("How do I return something?")
    assert box(chat.panel) == {"x": 0, "y": 0, **size}
    send = box(chat.field)
    assert send["y"] + send["height"] <= size["height"]
    for frame in chat.page.frames:
        assert frame.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert chat.root.locator(".log").evaluate("(log) => log.scrollWidth <= log.clientWidth")
    chat.button("Close chat").click()
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["390", "320"])
def test_a_word_without_end_does_not_widen_the_chat(
    open_chat: OpenChat, size: ViewportSize
) -> None:
    chat = open_chat(viewport=size, has_touch=True, is_mobile=True)
    chat.ask("https://example.com/" + "a" * 300)
    assert chat.root.locator(".log").evaluate("(log) => log.scrollWidth <= log.clientWidth")


def test_on_a_desk_the_panel_leaves_the_page_in_view(open_chat: OpenChat) -> None:
    chat = open_chat(viewport={"width": 1280, "height": 800})
    panel, launcher = box(chat.panel), box(chat.launcher)
    assert (panel["width"], panel["height"]) == (384, 680)
    assert panel["y"] + panel["height"] <= launcher["y"]
    assert panel["x"] + panel["width"] <= 1280


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chat_follows_the_light(open_chat: OpenChat, scheme: str) -> None:
    chat = open_chat(color_scheme=scheme)
    light = lightness(chat.root.locator("body"))
    assert light < 0.2 if scheme == "dark" else light > 0.9


def test_a_long_question_is_seen_whole_up_to_five_lines(chat: Chat) -> None:
    low = box(chat.field)["height"]
    chat.field.fill("one\ntwo\nthree\nfour")
    tall = box(chat.field)["height"]
    assert tall > low + 50
    assert chat.field.evaluate("(field) => field.scrollHeight <= field.clientHeight")
    chat.field.fill("\n".join("line" for _ in range(40)))
    assert box(chat.field)["height"] < low + 110


def test_a_reader_who_scrolled_up_is_left_in_peace(open_chat: OpenChat) -> None:
    chat = open_chat(viewport={"width": 1280, "height": 500})
    for _ in range(2):
        chat.ask("How do I return something?")
    log = chat.root.locator(".log")
    log.hover()
    chat.page.mouse.wheel(0, -4000)
    log.evaluate(TOP_SCRIPT)
    # Said from another tab: what one says oneself is always in view.
    chat.twin().ask("What size should I take?")
    expect(chat.button("New messages")).to_be_visible()
    expect(chat.answers.nth(2)).to_have_attribute("data-status", "complete")
    assert log.evaluate("(log) => log.scrollTop") < 60
    chat.button("New messages").click()
    expect(chat.answers.last.locator(".prose p").last).to_be_in_viewport()
    expect(chat.button("New messages")).to_be_hidden()


def test_nothing_moves_for_those_who_asked_for_rest(open_context: OpenContext, site: Site) -> None:
    chat = Chat(open_context(reduced_motion="reduce").new_page())
    chat.page.goto(site.url)
    chat.launcher.click()
    assert chat.panel.evaluate("(panel) => panel.getAnimations().length") == 0
