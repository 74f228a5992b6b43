"""An editor's day: a draft, what it changes, publishing, going back, a sale that ends itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.rest import until
from tests.e2e.site import Site

PROMPTS = "conversations/prompttemplate/"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
# Days pass at once; the form is filled in for a day to come, so nobody needs to be quick.
COMES_NOW = """
from django.utils import timezone
from conversations.models import PromptSchedule
PromptSchedule.objects.filter(note="Flash sale").update({field}=timezone.now())
"""


class Workshop:
    """One template of an editor's own."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk, self.page = desk, desk.page
        desk.go(f"{PROMPTS}add/")
        self.page.locator("#id_name").fill(name)
        self.page.locator("#id_instructions").fill("You answer warmly and at length.")
        self.button("Create template")
        expect(self.page.locator(".messagelist")).to_contain_text("The draft is saved")
        self.url = self.page.url

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        # A page that has just been come to has no scripts yet, and its buttons do nothing.
        self.page.wait_for_load_state()

    def open(self) -> Workshop:
        self.page.goto(self.url)
        return self

    def rewrite(self, words: str) -> Workshop:
        self.open().page.locator("#id_instructions").fill(words)
        self.button("Save draft")
        expect(self.page.locator(".messagelist")).to_contain_text("The draft is saved")
        return self

    def publish(self, note: str) -> None:
        self.open().button("Save and publish …")
        self.page.get_by_label("Note").fill(note)
        self.button("Publish")
        expect(self.page.locator(".messagelist")).to_contain_text("is live")

    def live(self) -> str:
        return self.open().page.locator(".beside .module").first.inner_text()


@pytest.fixture
def workshop(open_desk: OpenDesk, request: pytest.FixtureRequest) -> Workshop:
    return Workshop(open_desk("editor"), request.node.name[:60])


def test_a_draft_is_compared_published_and_gone_back_from(workshop: Workshop) -> None:
    page = workshop.page
    workshop.publish("The first one")
    assert "v1" in workshop.live()

    workshop.rewrite("You answer briefly and at length.")
    page.get_by_role("link", name="Compare with the draft").click()
    expect(workshop.desk.content.locator("del")).to_have_text("warmly")
    expect(workshop.desk.content.locator("ins")).to_have_text("briefly")

    workshop.publish("Shorter")
    assert "v2" in workshop.live()
    page.locator(".versions").get_by_role("link", name="v1", exact=True).click()
    page.get_by_role("link", name="Make it live again …").click()
    page.get_by_label("Note").fill("Too short")
    page.get_by_label("Running conversations too").check()
    workshop.button("Make v1 live")
    expect(page.locator(".messagelist")).to_contain_text("is live again")
    assert "v1" in workshop.live()
    expect(page.locator(".moves li").first).to_contain_text("v2 → v1")
    expect(page.locator(".moves li").first).to_contain_text("Too short")


def test_examples_languages_and_variables_are_written_in_rows(workshop: Workshop) -> None:
    page = workshop.page
    variable = page.locator(".variable").first
    variable.get_by_label("name:", exact=True).fill("plan")
    expect(variable.get_by_label("Name of the attribute:")).to_be_hidden()
    expect(variable.get_by_label("Choices, by comma:")).to_be_hidden()
    variable.get_by_label("Type:").select_option("choice")
    variable.get_by_label("Choices, by comma:").fill("free, gold")
    variable.get_by_label("Filled by:").select_option("customer.attribute")
    variable.get_by_label("Name of the attribute:").fill("plan")
    workshop.button("Add an example")
    expect(page.locator(".example textarea").first).to_be_focused()
    page.get_by_label("The customer says:").fill("Hello?")
    page.get_by_label("The answer:").fill("Hello! You are on {{plan}}.")
    workshop.button("Add a language")
    page.locator(".translation select").select_option("de")
    page.locator(".translation textarea").fill("Antworte freundlich.")
    workshop.button("Save draft")
    expect(page.locator(".messagelist")).to_contain_text("The draft is saved")
    expect(page.get_by_label("The answer:")).to_have_value("Hello! You are on {{plan}}.")
    expect(page.locator(".translation textarea")).to_have_value("Antworte freundlich.")

    page.locator(".example").get_by_label("Remove").check()
    workshop.button("Save draft")
    expect(page.locator(".messagelist")).to_contain_text("The draft is saved")
    expect(page.locator(".example")).to_have_count(0)


def test_a_sale_begins_and_ends_by_itself_and_stands_in_the_calendar(
    workshop: Workshop, site: Site
) -> None:
    page = workshop.page
    workshop.publish("Everyday")
    workshop.rewrite("Everything costs half.").button("Save and schedule …")
    start = datetime.now(UTC).replace(microsecond=0) + DAY
    for field, moment in (("starts_at", start), ("ends_at", start + DAY)):
        shown = moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        page.locator(f"[name={field}]").fill(shown)
    page.get_by_label("Time zone").select_option("Asia/Shanghai")
    page.get_by_label("Note").fill("Flash sale")
    workshop.button("Schedule")
    expect(page.locator(".messagelist")).to_contain_text("goes live on")
    assert "v1" in workshop.live()

    workshop.desk.room("Scheduled versions").click()
    expect(workshop.desk.content).to_contain_text("Flash sale")
    site.manage("shell", "--verbosity=0", "--command", COMES_NOW.format(field="starts_at"))
    until(lambda: "v2" in workshop.live())
    site.manage("shell", "--verbosity=0", "--command", COMES_NOW.format(field="ends_at"))
    until(lambda: "v1" in workshop.live())
    moves = page.locator(".moves li")
    expect(moves.nth(0)).to_contain_text(re.compile(r"v2 → v1.*as scheduled", re.DOTALL))
    expect(moves.nth(1)).to_contain_text(re.compile(r"v1 → v2.*as scheduled", re.DOTALL))
    expect(moves).to_have_count(3)


def test_a_schedule_is_called_off(workshop: Workshop) -> None:
    page = workshop.page
    workshop.publish("Everyday")
    workshop.rewrite("Everything costs half.").button("Save and schedule …")
    page.locator("[name=starts_at]").fill("2098-11-27T00:00")
    workshop.button("Schedule")
    expect(page.locator(".messagelist")).to_contain_text("goes live on 2098-11-27 00:00 UTC")
    page.get_by_role("link", name="Cancel …").click()
    workshop.button("Cancel the schedule")
    expect(page.locator(".messagelist")).to_contain_text("is cancelled")
    expect(page.locator(".versions")).to_contain_text("never live")
