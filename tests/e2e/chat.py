"""The chat as a customer sees it, in the shop's corner or as a page of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.e2e.rest import animations_end

ENDED = re.compile("complete|stopped|interrupted|failed")
# A message keeps its node from the moment it is sent until the page is loaded anew.
SEEN_SCRIPT = """
(items) => {
  for (const node of items.querySelectorAll(".mine:not([data-sent])")) node.dataset.sent = "";
}
"""
# The site may have answered already with the text as it keeps it: then the only new one is meant.
MARK_SCRIPT = """
(items, [text, number]) => {
  const fresh = [...items.querySelectorAll(".mine:not([data-sent])")];
  const said = (node) => node.querySelector(".bubble").textContent;
  const mine = fresh.findLast((node) => said(node) === text.trim());
  if (!mine && fresh.length !== 1) throw new Error(`It is not shown that this was sent: ${text}`);
  (mine ?? fresh[0]).dataset.sent = number;
}
"""
# What is observed is noted at each change; whoever looks now and then would miss some.
GROWTH_SCRIPT = """
(items) => {
  items.lengths = [];
  new MutationObserver(() => {
    const answer = [...items.querySelectorAll(".answer")].at(-1);
    if (answer?.dataset.status !== "running") return;
    const { length } = answer.querySelector(".prose").textContent
      + answer.querySelector(".tail-text").textContent;
    if (length && length !== items.lengths.at(-1)) items.lengths.push(length);
  }).observe(items, { attributes: true, characterData: true, childList: true, subtree: true });
}
"""
STATES_SCRIPT = """
(answer) => {
  answer.states = [];
  new MutationObserver(() => {
    const { status } = answer.dataset;
    if (status !== answer.states.at(-1)) answer.states.push(status);
    answer.dataset.states = answer.states.join(" ");
  }).observe(answer, { attributes: true, attributeFilter: ["data-status"] });
}
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
        return self.opened()

    def opened(self) -> Chat:
        """Wait until the panel has come to rest and the customer can write."""
        # The script takes the focus in: to the field, or to the title on a touch screen.
        expect(self.root.locator(":focus")).to_have_count(1)
        animations_end(self.panel)
        return self

    def close(self) -> Chat:
        """Close the panel with Escape."""
        self.page.keyboard.press("Escape")
        expect(self.panel).to_be_hidden()
        return self

    def twin(self) -> Chat:
        """Open the same page once more, in another tab of the same customer."""
        twin = Chat(self.page.context.new_page())
        twin.page.goto(self.page.url)
        return twin.open()

    def button(self, name: str) -> Locator:
        """Return the button of this name, in English."""
        return self.root.get_by_role("button", name=name, exact=True)

    def send(self, text: str) -> Locator:
        """Write a message, send it with Enter, and return where its answer will stand.

        That is the answer which follows this very message on the page, however many others are
        still under way, come from another tab, or have yet to be loaded.
        """
        self.field.fill(text)
        expect(self.root.locator(".send")).to_be_enabled()  # the script has seen it
        self.items.evaluate(SEEN_SCRIPT)
        written = self.field.input_value()  # a field has its own idea of the end of a line
        self.field.press("Enter")
        # The panel empties the field as it shows the message; both are done, or neither.
        expect(self.field).to_have_value("")
        number = next(_numbers)
        self.items.evaluate(MARK_SCRIPT, [written, number])
        return self.items.locator(f'.mine[data-sent="{number}"] ~ .answer').first

    def ask(self, text: str) -> Locator:
        """Send a message, wait until its answer has ended, and return the answer."""
        answer = self.send(text)
        expect(answer).to_have_attribute("data-status", ENDED)
        return answer

    def retry(self, answer: Locator) -> None:
        """Try an answer again, and wait until it has run and ended anew."""
        answer.evaluate(STATES_SCRIPT)
        answer.get_by_role("button", name="Try again", exact=True).click()
        expect(answer).to_have_attribute("data-states", re.compile(f"running.* ({ENDED.pattern})"))

    @contextmanager
    def growth(self) -> Iterator[list[int]]:
        """Collect how long the newest answer was, step by step, while it was being said."""
        lengths: list[int] = []
        self.items.evaluate(GROWTH_SCRIPT)
        yield lengths
        lengths += self.items.evaluate("(items) => items.lengths")

    def start_over(self) -> None:
        """Leave this conversation for a new one."""
        self.button("More").click()
        self.button("Start over").click()
