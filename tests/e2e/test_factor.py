"""A second factor is set up, used and replaced by its recovery codes, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from chatsite.factor.codes import STEP_SECONDS, code_now
from tests.e2e.conftest import OpenContext
from tests.e2e.site import Site
from tests.e2e.test_accessibility import STILL, violations
from tests.e2e.watch import Watch

PASSWORD = "browser horse, browser battery"
# Somebody of a role of their own, so that no other test meets the requirement.
BEGIN = f"""
from django.contrib.auth.models import Group, User
from chatsite.factor.services import rule_set
user = User.objects.create_user("faye", password="{PASSWORD}", is_staff=True)
group = Group.objects.create(name="Guarded")
user.groups.add(group)
rule_set(groups=[group], for_superusers=False)
"""
END = """
from django.contrib.auth.models import Group, User
User.objects.filter(username="faye").delete()
Group.objects.filter(name="Guarded").delete()
"""


@pytest.fixture
def faye(site: Site) -> Iterator[str]:
    """Somebody whose role needs a second factor, and who has none yet."""
    site.manage("shell", "--command", BEGIN)
    yield "faye"
    site.manage("shell", "--command", END)


def password_give(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def factor_set_up(page: Page, site: Site, faye: str) -> tuple[str, list[str]]:
    """Set a factor up by keyboard; return its secret and its recovery codes, logged out again."""
    password_give(page, site, faye)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator("#content").evaluate("(content) => content.clientWidth") > 340
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"{site.url}/admin/password_change/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.get_by_label("Code from your app").fill(code_now(secret, time.time()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    assert violations(page) == []
    recovery = page.locator("#codes").inner_text().split()
    assert len(recovery) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Password change")  # as wanted
    page.get_by_role("button", name="Log out").click()
    return secret, recovery


def test_a_required_factor_is_set_up_used_and_recovered_by_keyboard(
    open_context: OpenContext, site: Site, watch: Watch, faye: str
) -> None:
    page = open_context(**STILL).new_page()
    secret, recovery = factor_set_up(page, site, faye)

    password_give(page, site, faye)
    field = page.get_by_label("Code from your app")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    assert violations(page) == []
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    # The code of the set-up counts no more; the next one does, early.
    field.fill(code_now(secret, time.time() + STEP_SECONDS))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, faye")
    page.get_by_role("button", name="Log out").click()

    password_give(page, site, faye)
    page.get_by_role("link", name="Use a recovery code").click()
    expect(page.get_by_label("Recovery code")).to_be_focused()
    assert violations(page) == []
    page.keyboard.type(recovery[0].upper())
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("You have 9 recovery codes left.")
    page.get_by_role("link", name="Second factor").click()
    expect(page.locator("#content")).to_contain_text("9 left")
    expect(page.locator("#content")).to_contain_text("you cannot do without")
    assert violations(page) == []
    assert not any(word in site.output() for word in (secret, *recovery))
