"""A good guest: what the chat may do to a page of somebody else, and what it does there all day."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenContext
from tests.e2e.host import Host
from tests.e2e.rest import box
from tests.e2e.site import Site
from tests.e2e.test_keyboard import tab_to
from tests.e2e.watch import Watch

# Every shift of the layout since the page began, and when it came.
SHIFTS_SCRIPT = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) shifts.push(entry.startTime);
}).observe({type: "layout-shift", buffered: true});
"""
# The browser tells of shifts in their order: once this one is told, none is missing before it.
LAST_SHIFT_SCRIPT = """
() => {
  window.last = performance.now();
  document.querySelector("h1").style.setProperty("margin-top", "200px");
}
"""
TEXT = "<p>Lorem ipsum dolor sit amet.</p>" * 60
PHONE: ViewportSize = {"width": 390, "height": 844}


def test_nothing_is_asked_for_before_the_first_click_but_script_and_settings(
    page: Page, host: Host, key: str, site: Site
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{host.near}/{key}")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    page.wait_for_load_state("networkidle")
    loader, look = f"{site.url}/widget.js", f"{site.url}/widget/{key}.json?locale=en"
    assert asked == [f"{host.near}/{key}", loader, look]
    assert len(page.frames) == 1
    chat.open()
    page.wait_for_load_state("networkidle")
    after = asked[3:]
    assert after[0] == f"{site.url}/widget/{key}/panel/?locale=en&scheme=auto"
    assert [url for url in after if not url.startswith(site.url)] == []


def test_it_never_sets_a_cookie_and_leaves_nothing_in_the_pages_own_storage(
    page: Page, host: Host, key: str
) -> None:
    page.goto(f"{host.near}/{key}")
    chat = Chat(page).open()
    chat.ask("What does delivery cost?")
    page.keyboard.press("Escape")
    page.evaluate("chatsite.unmount()")
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases()") == []


def test_nothing_of_the_page_moves(page: Page, host: Host, key: str) -> None:
    page.add_init_script(SHIFTS_SCRIPT)
    page.goto(host.put(host.tag(key), body=TEXT))
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    page.evaluate("chatsite.open()")  # no click, as little as possible is to excuse a shift
    chat.opened()
    chat.ask("How do I return something?")
    page.evaluate("chatsite.close()")
    page.evaluate("chatsite.unmount()")
    page.evaluate(LAST_SHIFT_SCRIPT)
    page.wait_for_function("() => shifts.some((time) => time >= last)")
    assert page.evaluate("shifts.filter((time) => time < last)") == []


def test_the_pages_styles_do_not_reach_it_nor_its_styles_the_page(
    page: Page, host: Host, key: str
) -> None:
    page.goto(f"{host.near}/{key}")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    # A strict policy would refuse a style element: adopted sheets are what is left to a test.
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("* { font-size: 40px !important } button { display: none !important }");
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    expect(chat.launcher).to_be_visible()
    assert box(chat.launcher)["height"] == 56
    chat.open()
    assert chat.field.evaluate("(field) => getComputedStyle(field).fontSize") == "15px"
    assert page.evaluate("document.styleSheets.length") == 0


def test_a_day_of_chat_on_another_origin(page: Page, host: Host, key: str, watch: Watch) -> None:
    watch.allow("WebSocket connection to .* failed")
    page.goto(f"{host.near}/{key}")
    chat = Chat(page).open()
    chat.ask("How do I return something?")
    answer = chat.send("/fault slow 1")
    words = answer.locator(".tail-text")
    expect(words).not_to_be_empty()
    expect(words).not_to_have_text(words.inner_text())  # more of them come
    chat.button("Stop answering").click()
    expect(answer).to_have_attribute("data-status", "stopped")
    other = chat.twin()
    expect(other.answers).to_have_count(2)
    other.ask("Do you sell gift cards?")
    expect(chat.answers).to_have_count(3)
    expect(chat.answers.last).to_contain_text("€250")
    page.context.set_offline(True)
    expect(chat.notice).to_contain_text("You are offline")
    chat.send("What does delivery cost?")
    expect(chat.items.locator(".mine").last).to_have_attribute("data-stage", "waiting")
    page.context.set_offline(False)
    expect(chat.answers).to_have_count(4)
    expect(other.questions).to_have_count(4)
    page.reload()
    expect(Chat(page).open().questions).to_have_count(4)


def test_the_keyboard_alone_gets_in_and_out(page: Page, host: Host, key: str) -> None:
    page.goto(host.put(host.tag(key), body='<a href="#top">Up</a>'))
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    tab_to(page, chat.launcher)
    page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    page.keyboard.type("What does delivery cost?")
    page.keyboard.press("Enter")
    expect(chat.answers.last).to_contain_text("€4.90")
    page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()
    page.keyboard.press("Space")
    expect(chat.field).to_be_focused()


def test_on_a_phone_it_is_the_screen_and_gives_it_back(
    open_context: OpenContext, host: Host, key: str, watch: Watch
) -> None:
    watch.welcome(host.near)
    page = open_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    # Without it a phone would draw the page as if it were 980 pixels wide.
    page.goto(host.put('<meta name="viewport" content="width=device-width">', host.tag(key)))
    chat = Chat(page).open()
    assert box(chat.panel) == {"x": 0, "y": 0, **PHONE}
    expect(chat.launcher).to_be_hidden()
    chat.button("Close chat").click()
    expect(chat.launcher).to_be_visible()


def test_words_beside_the_icon_and_a_colour_for_the_dark(page: Page, host: Host) -> None:
    labelled = host.widget_add(
        "Labelled",
        launcher_label="Ask us",
        accent="#1f5f5b",
        accent_dark="#9fe0d8",
        texts={"zh-hans": {"label": "问我们", "title": "海港"}},
    )
    page.goto(f"{host.near}/{labelled}")
    chat = Chat(page)
    expect(chat.launcher).to_contain_text("Ask us")
    expect(chat.launcher).to_have_attribute("aria-label", "Ask us Open chat")
    assert box(chat.launcher)["width"] > 100
    page.evaluate("chatsite.setLocale('zh-CN')")
    expect(chat.launcher).to_contain_text("问我们")
    page.emulate_media(color_scheme="dark")

    def colours() -> Any:
        return chat.launcher.evaluate(
            "(node) => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
        )

    assert colours() == ["rgb(159, 224, 216)", "rgb(0, 0, 0)"]
    page.evaluate("chatsite.setColorScheme('light')")
    assert colours() == ["rgb(31, 95, 91)", "rgb(255, 255, 255)"]
    chat.open()
    expect(chat.root.locator("h1")).to_have_text("海港")
    assert box(chat.launcher)["width"] == 56  # open, it is only the way back


@pytest.mark.parametrize(
    ("fault", "line", "code"),
    [
        ("refused", "gave no answer", "unreachable"),
        ("elsewhere", "must begin with", "wrong_address"),
        ("keyless", "data-widget", "no_widget"),
    ],
)
def test_a_page_that_did_it_wrong_reads_what_to_put_right(
    page: Page, host: Host, key: str, site: Site, watch: Watch, fault: str, line: str, code: str
) -> None:
    watch.allow(rf"\[chatsite\] The chat stays hidden: .*{line}|Failed to load resource")
    page.add_init_script(
        'addEventListener("chatsite:error", ({detail}) => { window.code = detail.code; });'
    )
    tag = host.tag(key if fault != "keyless" else "")
    if fault == "refused":
        page.route("**/widget/*.json*", lambda route: route.abort())
    if fault == "elsewhere":
        # The site under another name than its SITE_URL, as behind a proxy that was forgotten.
        body = {"origin": "https://chat.example.com", "locale": "en"}
        page.route(
            "**/widget/*.json*",
            lambda route: route.fulfill(json=body, headers={"Access-Control-Allow-Origin": "*"}),
        )
    with page.expect_console_message(lambda message: line in message.text):
        page.goto(host.put(tag))
    assert page.evaluate("code") == code
    expect(page.locator("[data-chatsite]")).to_have_count(0)
    ours = [said for said in watch.noted if "[chatsite]" in said]
    assert len(ours) == 1, ours
