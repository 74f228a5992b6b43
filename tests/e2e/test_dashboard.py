"""The dashboard in a real browser: it lives, rests while nobody looks, and fits every screen."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenDesk
from tests.e2e.test_accessibility import violations
from tests.e2e.watch import Watch

PLACE = "gateway/dashboard/"
LIVE = "**/gateway/dashboard/live/**"
FRESH_MS = 5_000
# The ledger gathers calls for a moment, and the machine may be busy.
WRITTEN_MS = 4_000
STALE_MS = 25_000
HIDE_SCRIPT = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
WIDER_SCRIPT = """() => {
  const root = document.documentElement;
  return root.scrollWidth - root.clientWidth;
}"""


def calls(page: Page) -> int:
    """Return how many calls the page tells of."""
    tile = page.locator(".tile", has_text="Calls a minute")
    return int(re.sub(r"\D", "", tile.locator(".tile-text").inner_text()))


def test_figures_change_by_themselves_while_a_customer_asks(
    chat: Chat, open_desk: OpenDesk
) -> None:
    page = open_desk("operator").go(PLACE).page
    expect(page.locator("#pulse")).to_have_text("Updates by itself")
    page.evaluate("() => { window.isSamePage = true; }")
    before = calls(page)
    chat.ask("How do I return something?")
    page.wait_for_function(
        """(before) => [...document.querySelectorAll(".tile")].some((tile) =>
          tile.innerText.includes("Calls a minute")
          && Number(tile.querySelector(".tile-text").innerText.replace(/\\D/g, "")) > before)""",
        arg=before,
        timeout=FRESH_MS + WRITTEN_MS,
    )
    assert page.evaluate("() => window.isSamePage") is True


def test_it_asks_every_five_seconds_and_not_while_nobody_looks(open_desk: OpenDesk) -> None:
    page = open_desk("operator").go(PLACE).page
    expect(page.locator("#pulse")).to_have_text("Updates by itself")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/live/" in request.url else None
    )
    with page.expect_request(LIVE, timeout=FRESH_MS):
        pass
    page.evaluate(HIDE_SCRIPT, arg=True)
    expect(page.locator("#pulse")).to_have_text("Paused")
    page.wait_for_timeout(500)  # one may be under way
    asked.clear()
    page.wait_for_timeout(FRESH_MS)
    assert asked == []
    with page.expect_request(LIVE, timeout=FRESH_MS):
        page.evaluate(HIDE_SCRIPT, arg=False)
    expect(page.locator("#pulse")).to_have_text("Updates by itself")


def test_it_says_how_old_it_is_when_the_database_gives_nothing(
    open_desk: OpenDesk, watch: Watch
) -> None:
    watch.allow("status of 500")
    page = open_desk("operator").go(PLACE).page
    expect(page.locator("#pulse")).to_have_text("Updates by itself")
    page.route(LIVE, lambda route: route.fulfill(status=500, body="locked"))
    expect(page.locator("#pulse")).to_have_attribute("data-state", "stale", timeout=STALE_MS)
    expect(page.locator(".tile").first).to_be_visible()  # what was known stays
    page.unroute(LIVE)
    expect(page.locator("#pulse")).to_have_text("Updates by itself", timeout=FRESH_MS + WRITTEN_MS)


def test_axe_finds_nothing_with_every_table_open(chat: Chat, open_desk: OpenDesk) -> None:
    chat.ask("What does delivery cost?")
    page = open_desk("operator", reduced_motion="reduce").go(PLACE).page
    tables = page.locator(".panel details > summary")
    for place in range(tables.count()):
        tables.nth(place).click()
    assert violations(page) == []


def test_each_chart_has_its_numbers_in_a_table_which_stays_open(
    chat: Chat, open_desk: OpenDesk
) -> None:
    chat.ask("Do you repair things?")
    page = open_desk("operator").go(PLACE).page
    charts = page.locator(".panel:has(svg)")
    expect(charts.first).to_be_visible()
    for place in range(charts.count()):
        chart = charts.nth(place)
        expect(chart.locator("svg")).to_have_attribute("role", "img")
        steps = chart.locator(".chart-pointer").count()
        assert chart.locator("tbody tr").count() == steps > 0
    page.locator("#table-calls summary, .panel details summary").first.click()
    chat.ask("Where is my order?")
    page.wait_for_timeout(FRESH_MS)
    expect(page.locator(".panel details").first).to_have_attribute("open", "")


def test_a_phone_scrolls_down_and_never_sideways(open_desk: OpenDesk) -> None:
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


def test_how_full_limits_are_is_seen_without_scrolling(open_desk: OpenDesk) -> None:
    laptop: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
    page = open_desk("operator", **laptop).go(PLACE).page
    box = page.locator("#part-providers .results")
    heading = box.get_by_role("columnheader", name="Limits")
    frame, place = box.bounding_box(), heading.bounding_box()
    assert frame is not None
    assert place is not None
    assert place["x"] + place["width"] <= frame["x"] + frame["width"]
