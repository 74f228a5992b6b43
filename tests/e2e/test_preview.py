"""An editor sees the chat beside its form before anybody else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import FrameLocator, expect

from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.rest import until
from tests.e2e.test_accessibility import violations
from tests.e2e.test_layout import lightness


def widget_form(open_desk: OpenDesk, name: str = "editor", **options: object) -> Desk:
    desk = open_desk(name, **options).go("conversations/widget/")
    desk.content.get_by_role("link", name="Harbour & Pine", exact=True).first.click()
    return desk


def panel(desk: Desk) -> FrameLocator:
    return desk.page.frame_locator("iframe[name=preview]")


def test_what_is_typed_shows_at_once_and_is_not_saved(open_desk: OpenDesk) -> None:
    desk = widget_form(open_desk)
    shown, page = panel(desk), desk.page
    expect(shown.locator(".greeting")).to_contain_text("Ask me about orders")
    page.locator("#id_greeting").fill("Ahoy <b>there</b>")
    expect(shown.locator(".greeting")).to_contain_text("Ahoy <b>there</b>")
    page.locator("#id_launcher_label").fill("Ask us")
    expect(page.locator("[data-launcher] .launcher")).to_contain_text("Ask us")
    page.get_by_role("radio", name="Left").check()
    expect(page.locator("[data-launcher] [data-side]")).to_have_attribute("data-side", "left")
    page.locator("#id_accent").fill("#aa2200")
    expect(page.locator("[data-launcher] .launcher")).to_have_css(
        "background-color", "rgb(170, 34, 0)"
    )
    page.reload()
    expect(shown.locator(".greeting")).to_contain_text("Ask me about orders")


def test_it_is_shown_in_each_language_and_in_the_dark(open_desk: OpenDesk) -> None:
    desk = widget_form(open_desk)
    shown, page = panel(desk), desk.page
    page.get_by_text("The same in Simplified Chinese").click()
    page.locator("#id_text_zh-hans_title").fill("海港与松")
    page.get_by_label("Language of the preview").select_option("zh-hans")
    expect(shown.locator("h1")).to_have_text("海港与松")
    expect(shown.locator("html")).to_have_attribute("lang", "zh-hans")
    page.get_by_label("Colours of the preview").select_option("dark")
    expect(shown.locator("meta[name=color-scheme]")).to_have_attribute("content", "dark")
    expect(shown.locator(".greeting")).to_be_visible()
    until(lambda: lightness(shown.locator("body")) < 0.2)


def test_what_is_tried_out_in_it_goes_nowhere(open_desk: OpenDesk) -> None:
    desk = widget_form(open_desk)
    sockets: list[str] = []
    desk.page.on("websocket", lambda socket: sockets.append(socket.url))
    shown = panel(desk)
    shown.get_by_role("button", name="What does delivery cost?").click()
    expect(shown.locator(".bubble")).to_have_text("What does delivery cost?")
    assert sockets == []
    kept = desk.page.frames[1].evaluate("Object.keys(localStorage)")
    assert [name for name in kept if name.startswith("chatsite")] == []


def test_the_form_with_its_preview_is_accessible(open_desk: OpenDesk) -> None:
    desk = widget_form(open_desk, reduced_motion="reduce")
    expect(panel(desk).locator(".greeting")).to_be_visible()
    assert violations(desk.page) == []


def test_both_snippets_can_be_copied(open_desk: OpenDesk) -> None:
    desk = widget_form(open_desk, permissions=["clipboard-read", "clipboard-write"])
    page = desk.page
    # What a button says for two seconds is said for good while the clock stands still.
    page.clock.install()
    page.reload()
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    line = page.evaluate("navigator.clipboard.readText()")
    assert line.startswith("<script async src=")
    page.get_by_text("With settings of the page").click()
    page.locator("[data-copy=snippet-settings]").click()
    expect(page.locator("[data-copy=snippet-settings]")).to_have_text("Copied")
    both = page.evaluate("navigator.clipboard.readText()")
    assert "chatsiteSettings" in both
    assert both.endswith(line)
