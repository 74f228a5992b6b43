"""An operator adds, tests, rotates and retires a key, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenDesk


def test_a_key_is_added_tested_rotated_and_retired(open_desk: OpenDesk) -> None:
    desk = open_desk("operator")
    page, content = desk.page, desk.content
    desk.go("gateway/apikey/add/")
    content.get_by_label("Provider").select_option(label="Sandbox")
    content.get_by_label("Label").fill("browser")
    content.get_by_label("Secret").fill("not-a-key-of-the-sandbox")
    content.get_by_label("Model to ask").fill("sandbox-1")
    content.get_by_role("button", name="Test and add").click()
    expect(content).to_contain_text("The provider refused the key.")
    content.get_by_label("Secret").fill("sandbox-browser-canary")
    content.get_by_role("button", name="Test and add").click()
    expect(page.locator(".messagelist")).to_contain_text("sandbox-1 answered in")

    content.get_by_role("link", name="Test …").click()
    content.get_by_role("button", name="Test now").click()
    expect(content.get_by_role("status")).to_contain_text("It serves")
    expect(content.get_by_role("status")).to_contain_text("sandbox-1")
    content.get_by_role("link", name="Cancel").click()

    content.get_by_role("link", name="Rotate …").click()
    content.get_by_label("Secret").fill("sandbox-browser-canary-next")
    content.get_by_role("button", name="Test and rotate").click()
    expect(page.locator("h1")).to_have_text("browser 2")
    content.get_by_role("link", name="browser", exact=True).click()
    expect(content.locator(".rotation")).to_contain_text("“browser 2” came in.")
    content.get_by_role("link", name="Retire …").click()
    content.get_by_label("Why").fill("no longer needed")
    content.get_by_role("button", name="Retire").click()
    expect(content.locator(".facts").first).to_contain_text("Retired")
    expect(content.locator(".events")).to_contain_text("no longer needed")
    expect(content).not_to_contain_text("canary")
