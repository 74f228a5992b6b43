"""The chat as a customer sees it, in the shop's corner or as a page of its own."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Locator, Page, expect

ENDED = re.compile("complete|stopped|interrupted|failed")
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

    def send(self, text: str) -> None:
        """Write a message and send it, as most people do: with Enter."""
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str) -> Locator:
        """Send a message, wait until its answer has ended, and return the answer."""
        count = self.answers.count()
        self.send(text)
        expect(self.answers).to_have_count(count + 1)
        answer = self.answers.nth(count)
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
