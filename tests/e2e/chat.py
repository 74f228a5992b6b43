"""The chat as a customer sees it, in the shop's corner or as a page of its own."""

from __future__ import annotations

import re
from itertools import count

from playwright.sync_api import FrameLocator, Locator, Page, expect

ENDED = re.compile("complete|stopped|interrupted|failed")
# A message keeps its node from the moment it is sent until the page is loaded anew.
MARK_SCRIPT = """
(items, [text, number]) => {
  const unmarked = [...items.querySelectorAll(".mine:not([data-sent])")];
  const said = (node) => node.querySelector(".bubble").textContent;
  unmarked.findLast((node) => said(node) === text).dataset.sent = number;
}
"""
GROWTH_SCRIPT = """
(items) => new Promise((resolve) => {
  const lengths = [];
  const look = () => {
    const answers = items.querySelectorAll(".answer");
    const answer = answers[answers.length - 1];
    if (answer?.dataset.status === "running") {
      lengths.push(answer.querySelector(".prose").innerText.length
        + answer.querySelector(".tail-text").innerText.length);
    }
    if (answer && !["queued", "running"].includes(answer.dataset.status)) resolve(lengths);
    else requestAnimationFrame(look);
  };
  look();
})
"""
_numbers = count(1)


class Chat:
    """One browser page with the chat on it.

    Args:
        page: The page that embeds the widget, or is the chat itself.
        is_framed: Whether the chat stands in the widget's frame.
        within: Where the widget stands, if there are several.
    """

    def __init__(
        self, page: Page, *, is_framed: bool = True, within: str = "[data-chatsite]"
    ) -> None:
        self.page = page
        self.launcher = page.locator(f"{within} .launcher")
        self.panel = page.locator(f"{within} .panel")
        self.root: FrameLocator | Page = (
            page.frame_locator(f"{within} iframe") if is_framed else page
        )
        self.field = self.root.locator("textarea")
        self.items = self.root.locator(".items")
        self.questions = self.items.locator(".bubble")
        self.answers = self.items.locator(".answer")
        self.notice = self.root.locator(".notice:not(.joining)")

    def open(self) -> Chat:
        """Open the panel and wait until the customer can write."""
        self.launcher.click()
        # The script takes the focus in: to the field, or to the title on a touch screen.
        expect(self.root.locator(":focus")).to_have_count(1)
        return self

    def button(self, name: str) -> Locator:
        """Return the button of this name, in English."""
        return self.root.get_by_role("button", name=name, exact=True)

    def send(self, text: str) -> Locator:
        """Write a message, send it with Enter, and return where its answer will stand.

        That is the answer which follows this very message on the page, however many others are
        still under way, come from another tab, or have yet to be loaded.
        """
        self.field.fill(text)
        self.field.press("Enter")
        # The panel empties the field as it shows the message; both are done, or neither.
        expect(self.field).to_have_value("")
        number = next(_numbers)
        self.items.evaluate(MARK_SCRIPT, [text.strip(), number])
        return self.items.locator(f'.mine[data-sent="{number}"] ~ .answer').first

    def ask(self, text: str) -> Locator:
        """Send a message, wait until its answer has ended, and return the answer."""
        answer = self.send(text)
        expect(answer).to_have_attribute("data-status", ENDED)
        return answer

    def growth(self) -> list[int]:
        """Return how long the newest answer was, frame by frame, while it was being said."""
        lengths: list[int] = self.items.evaluate(GROWTH_SCRIPT)
        return lengths

    def start_over(self) -> None:
        """Leave this conversation for a new one."""
        self.button("More").click()
        self.button("Start over").click()
