"""In a window so small that not everything is seen at once, a mouse alone reaches the rest."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.rest import box


@pytest.mark.parametrize("height", [400, 256], ids=["200 %", "400 %"])
def test_the_end_of_the_menu_is_reached_with_the_wheel(open_chat: OpenChat, height: int) -> None:
    chat = open_chat(viewport={"width": 640, "height": height})
    chat.ask("What does delivery cost?")
    chat.button("More").click()
    menu, last = chat.root.locator(".menu"), chat.button("Delete conversation …")
    menu.hover()
    chat.page.mouse.wheel(0, 1000)
    expect(last).to_be_in_viewport(ratio=1)
    frame, entry = box(chat.panel), box(last)
    assert entry["y"] + entry["height"] <= frame["y"] + frame["height"]
    last.click()
    expect(chat.button("Delete for good")).to_be_visible()


def test_code_is_never_under_the_button_that_copies_it(open_chat: OpenChat) -> None:
    chat = open_chat()
    chat.ask("What does delivery cost?")
    # As the site would render it; what counts here is where it stands.
    chat.answers.locator(".prose").evaluate(
        """(prose) => {
          const code = document.createElement("pre");
          code.textContent = "long ".repeat(60);
          const frame = Object.assign(document.createElement("div"), {className: "code"});
          frame.append(code, document.getElementById("copy").content.cloneNode(true));
          prose.append(frame);
        }"""
    )
    code, button = box(chat.answers.locator("pre")), box(chat.button("Copy code"))
    assert code["x"] + code["width"] <= button["x"]
