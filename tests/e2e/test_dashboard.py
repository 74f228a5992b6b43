"""The dashboard in a real browser: it lives, rests while nobody looks, and fits every screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gateway.dashboard.views import POLL_SECONDS, STALE_SECONDS
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenDesk
from tests.e2e.test_accessibility import violations
from tests.e2e.watch import Watch

PLACE = "gateway/dashboard/"
LIVE = "**/gateway/dashboard/live/**"
POLL_MS = POLL_SECONDS * 1000
# On a clock of the tests' own, so that it does not matter how busy the machine is.
BEGIN, LATER = datetime(2030, 1, 1, 12, tzinfo=UTC), datetime(2030, 1, 1, 13, tzinfo=UTC)
HIDE_SCRIPT = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
WIDER_SCRIPT = """() => {
  const root = document.documentElement;
  return root.scrollWidth - root.clientWidth;
}"""
# Read at one moment: the page may put a newer chart in its place at the next.
CHARTS_SCRIPT = """(panels) => panels.map((panel) => [
  panel.querySelector("svg").getAttribute("role"),
  panel.querySelectorAll(".chart-pointer").length,
  panel.querySelectorAll("tbody tr").length,
])"""
IN_VIEW_SCRIPT = """(heading) => {
  const frame = heading.closest(".results").getBoundingClientRect();
  return heading.getBoundingClientRect().right <= frame.right;
}"""


def clock_stop(page: Page) -> None:
    """Let the page's clock stand still while nothing is being asked for.

    An hour passes at once, so that the page says how old it is until an answer has come.
    """
    page.clock.pause_at(LATER)
    expect(page.locator("#pulse")).to_have_attribute("data-state", "fresh")


def test_figures_change_by_themselves_while_a_customer_asks(
    chat: Chat, open_desk: OpenDesk
) -> None:
    # Within a day no call is so old that the page forgets it while the test runs.
    page = open_desk("operator").go(f"{PLACE}?range=24h").page
    expect(page.locator("#pulse")).to_have_text("Updates by itself")
    page.evaluate("() => { window.isSamePage = true; }")
    calls = page.locator(".tile", has_text="Calls a minute").locator(".tile-text")
    before = calls.inner_text()
    chat.ask("How do I return something?")
    expect(calls).not_to_have_text(before)
    assert page.evaluate("() => window.isSamePage") is True


def test_it_asks_every_few_seconds_and_not_while_nobody_looks(open_desk: OpenDesk) -> None:
    page = open_desk("operator").page
    page.clock.install(time=BEGIN)
    page.goto(f"{page.url}{PLACE}")
    clock_stop(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(POLL_MS - 1)
    with page.expect_request(LIVE):
        page.clock.run_for(1)
    assert len(asked) == 1
    page.evaluate(HIDE_SCRIPT, arg=True)
    expect(page.locator("#pulse")).to_have_text("Paused")
    page.clock.run_for(10 * POLL_MS)
    assert len(asked) == 1
    with page.expect_request(LIVE):
        page.evaluate(HIDE_SCRIPT, arg=False)
        page.clock.resume()  # while the last one is being answered it asks at the next round
    expect(page.locator("#pulse")).to_have_text("Updates by itself")


def test_it_says_how_old_it_is_when_the_database_gives_nothing(
    open_desk: OpenDesk, watch: Watch
) -> None:
    watch.allow("status of 500")
    page = open_desk("operator").page
    page.clock.install(time=BEGIN)
    page.goto(f"{page.url}{PLACE}")
    clock_stop(page)
    page.route(LIVE, lambda route: route.fulfill(status=500, body="locked"))
    page.clock.run_for(STALE_SECONDS * 1000)
    expect(page.locator("#pulse")).to_have_text(f"Last update {STALE_SECONDS} s ago")
    expect(page.locator(".tile").first).to_be_visible()  # what was known stays
    page.unroute(LIVE)
    page.clock.resume()
    expect(page.locator("#pulse")).to_have_text("Updates by itself")


def test_axe_finds_nothing_with_every_table_open(chat: Chat, open_desk: OpenDesk) -> None:
    chat.ask("What does delivery cost?")
    page = open_desk("operator", reduced_motion="reduce").go(PLACE).page
    summaries = page.locator(".panel details > summary")
    expect(summaries.first).to_be_visible()
    summaries.evaluate_all("(all) => all.forEach((summary) => summary.click())")
    assert violations(page) == []


def test_each_chart_has_its_numbers_in_a_table_which_stays_open(
    chat: Chat, open_desk: OpenDesk
) -> None:
    chat.ask("Do you repair things?")
    page = open_desk("operator").go(PLACE).page
    charts = page.locator(".panel:has(svg)")
    expect(charts.first).to_be_visible()
    for role, steps, rows in charts.evaluate_all(CHARTS_SCRIPT):
        assert role == "img"
        assert rows == steps > 0
    part = page.locator("#part-calls")
    part.locator("summary").click()
    # A part that has the focus stays as it is, and so does one that has not changed.
    part.evaluate("(part) => { document.activeElement.blur(); part.dataset.old = ''; }")
    expect(page.locator("[data-old]")).to_have_count(0)
    expect(part.locator("details")).to_have_attribute("open", "")


def test_a_phone_scrolls_down_and_never_sideways(chat: Chat, open_desk: OpenDesk) -> None:
    chat.ask("What does delivery cost?")
    phone: dict[str, Any] = {
        "viewport": {"width": 360, "height": 740},
        "is_mobile": True,
        "has_touch": True,
    }
    page = open_desk("operator", **phone).go(PLACE).page
    assert page.evaluate(WIDER_SCRIPT) == 0
    page.locator(".panel details > summary").first.click()
    assert page.evaluate(WIDER_SCRIPT) == 0
    page.goto(page.url.replace(PLACE, "gateway/alertrule/"))
    assert page.evaluate(WIDER_SCRIPT) == 0


@pytest.mark.parametrize("column", ["Limits", "Cost"])
def test_a_laptop_shows_all_of_a_key_without_scrolling(
    chat: Chat, open_desk: OpenDesk, column: str
) -> None:
    chat.ask("What does delivery cost?")
    laptop: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
    page = open_desk("operator", **laptop).go(PLACE).page
    heading = page.locator("#part-providers").get_by_role("columnheader", name=column)
    assert heading.evaluate(IN_VIEW_SCRIPT) is True
