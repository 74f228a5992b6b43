"""An editor at work: tries a draft, writes cases, runs them, and publishes all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.rest import UNTIL_SECONDS
from tests.e2e.site import Site
from tests.e2e.watch import Watch

PROMPTS = "conversations/prompttemplate/"
QUESTION = "Do you repair tents?"
FACT = "Yes, the workshop mends tents within ten days, and seams cost nothing."


# With a failing case every publication takes a reason, which other tests do not give.
CASES_END = """
from conversations.models import PromptCase, PromptCaseRun
PromptCaseRun.objects.all().delete()
PromptCase.objects.all().delete()
"""


@pytest.fixture(autouse=True, scope="module")
def cases_end(site: Site) -> Iterator[None]:
    yield
    site.manage("shell", "--verbosity=0", "--command", CASES_END)


def workshop(desk: Desk) -> Page:
    desk.go(PROMPTS)
    desk.content.get_by_role("link", name="Harbour & Pine").click()
    expect(desk.page.locator("[data-weight]")).to_contain_text("tokens of instructions")
    return desk.page


def side(page: Page, name: str) -> Locator:
    return page.locator(f'[data-side="{name}"]')


def ask(page: Page, words: str) -> None:
    page.get_by_label("A customer asks").fill(words)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_a_draft_is_tried_beside_what_is_live_without_being_saved(open_desk: OpenDesk) -> None:
    page = workshop(open_desk("editor"))
    field = page.locator("#id_instructions")
    before = field.input_value()
    field.fill(f"{before}\n\nQ: {QUESTION}\nA: {FACT}\n")
    ask(page, QUESTION)
    expect(side(page, "draft").locator(".try-answer")).to_contain_text(FACT)
    expect(side(page, "draft").locator(".try-note")).to_contain_text("tokens")
    expect(side(page, "live").locator(".try-note")).to_contain_text("cost unknown")
    expect(side(page, "live").locator(".try-answer")).not_to_contain_text(FACT)
    ask(page, "Thanks!")
    for name in ("draft", "live"):
        expect(side(page, name).locator(".try-asked")).to_have_count(2)
        expect(side(page, name).locator(".try-answer").last).to_contain_text("welcome")
    page.get_by_role("button", name="Start again").click()
    expect(side(page, "draft").locator(".try-answer")).to_have_count(0)
    page.goto(page.url)
    expect(page.locator("#id_instructions")).to_have_value(before)


def test_a_trial_can_be_stopped_and_goes_on(open_desk: OpenDesk) -> None:
    page = workshop(open_desk("editor"))
    ask(page, "/fault slow 2")
    expect(side(page, "draft").locator(".rest")).not_to_be_empty()
    page.get_by_role("button", name="Stop", exact=True).click()
    for name in ("draft", "live"):
        expect(side(page, name).locator(".try-note")).to_have_text("Stopped")
    ask(page, "Hello")
    expect(side(page, "draft").locator(".try-note").last).to_contain_text("tokens")


def test_a_mistake_in_the_form_is_told_in_the_panel(open_desk: OpenDesk, watch: Watch) -> None:
    watch.allow("status of 400")
    page = workshop(open_desk("editor"))
    page.locator("#id_instructions").fill("Be {{what}}.")
    ask(page, "Hello")
    expect(side(page, "draft").locator(".try-note")).to_contain_text("{{what}}")


def test_a_template_leaves_as_a_file_and_is_looked_at_on_its_way_back(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    desk = open_desk("editor")
    page = workshop(desk)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as a file").click()
    good, broken = tmp_path / "good.json", tmp_path / "broken.json"
    download.value.save_as(good)
    broken.write_text(
        good.read_text(encoding="utf-8").replace('"live": ', '"live": -'), encoding="utf-8"
    )

    def look(file: Path) -> None:
        desk.go(PROMPTS)
        page.get_by_role("link", name="Import a file …").click()
        page.get_by_label("file").set_input_files(file)
        page.get_by_role("button", name="Look at it").click()

    look(broken)
    expect(desk.content.locator(".errorlist")).to_contain_text("Line 6: live: no version")
    look(good)
    expect(desk.content).to_contain_text("Everything in the file is here already.")
    first = page.get_by_role("row", name=re.compile(r"\bv1\b"))  # there may be a v10 by now
    expect(first).to_contain_text("the same")


def case_add(desk: Desk) -> None:
    """Add a case that what is live passes."""
    page = workshop(desk)
    page.get_by_role("link", name="Add a case").click()
    page.get_by_role("link", name="Add a case").click()
    page.wait_for_load_state()
    page.locator("#id_name").fill("Shipping is cheap")
    page.locator("#id_turns-0-text").fill("What does delivery cost?")
    page.locator("#id_checks-0-text").fill("free from €60")
    page.get_by_role("button", name="Add a check").click()
    page.locator("#id_checks-1-kind").select_option("language")
    page.locator("#id_checks-1-text").fill("en")
    page.get_by_role("button", name="Save").click()
    expect(desk.content).to_contain_text("contains: free from €60")


def test_a_red_case_is_seen_and_publishing_it_takes_a_reason(open_desk: OpenDesk) -> None:
    desk = open_desk("editor")
    case_add(desk)
    page = workshop(desk)
    field = page.locator("#id_instructions")
    field.fill(field.input_value().replace("free from €60", "free from €80"))
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Open the cases").click()
    page.get_by_role("button", name="Run on draft and live").click()
    report = page.locator('[data-running="no"]')
    # Two versions answer one case after the other, and a job begins it.
    expect(report).to_be_visible(timeout=UNTIL_SECONDS * 1000)
    expect(report).to_contain_text("1 changed, 1 worse")
    expect(report.locator(".words del")).to_have_text("60")
    expect(report.locator(".words ins")).to_have_text("80")

    page = workshop(desk)
    page.get_by_role("button", name="Save and publish …").click()
    expect(page.locator(".proof")).to_contain_text("failed")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#id_despite:invalid")).to_be_focused()  # the browser asks for it
    page.get_by_label("Why it goes live although test cases fail").fill("Prices rise on Monday.")
    page.get_by_role("button", name="Publish").click()
    expect(desk.content).to_contain_text("Despite failing test cases: Prices rise on Monday.")

    # What is live is as it was, for the tests that come after.
    page.get_by_role("link", name=re.compile(r"^v\d+$")).nth(1).click()
    page.get_by_role("link", name="Make it live again …").click()
    page.get_by_role("button", name=re.compile("live$")).click()
