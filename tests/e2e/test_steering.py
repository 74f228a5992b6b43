"""What a website can set, call and hear, on a page of another origin with a strict policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenDesk
from tests.e2e.host import Host
from tests.e2e.site import Site
from tests.e2e.test_layout import LIGHTNESS_SCRIPT, box
from tests.e2e.watch import Watch

EVENTS = ("ready", "opened", "closed", "started", "message", "unread", "error", "unmounted")
LISTEN_SCRIPT = f"""
window.heard = [];
for (const name of {list(EVENTS)}) {{
  addEventListener(`chatsite:${{name}}`, (event) => heard.push([name, event.detail]));
}}
"""
Visit = Callable[..., Chat]


@pytest.fixture
def visit(page: Page) -> Visit:
    """Opens a page of the website, whose events are written down."""

    def open_one(address: str, script: str = "") -> Chat:
        page.add_init_script(LISTEN_SCRIPT + script)
        page.goto(address)
        return Chat(page)

    return open_one


def heard(page: Page, *names: str) -> list[Any]:
    """Return the events so far; only those of some names, if there are any."""
    events: list[list[Any]] = page.evaluate("heard")
    return [event for event in events if not names or event[0] in names]


def wait_for(page: Page, name: str, count: int = 1) -> None:
    page.wait_for_function(
        "([name, count]) => heard.filter(([said]) => said === name).length >= count",
        arg=[name, count],
    )


def call(chat: Chat, script: str) -> Any:
    return chat.page.evaluate(f"() => {{ {script} }}")


def test_calls_made_before_it_has_loaded_are_made_up_for(
    visit: Visit, host: Host, key: str
) -> None:
    early = 'window.chatsite = [["setLocale", "zh-CN"], ["open"]];'
    chat = visit(f"{host.near}/{key}", early)
    expect(chat.field).to_have_attribute("placeholder", "写一条消息")
    assert heard(chat.page) == [["ready", {"widget": key}], ["opened", {"widget": key}]]
    assert call(chat, "return [chatsite.hasLoaded, chatsite.isOpen]") == [True, True]


def test_it_opens_and_closes_as_it_is_told(visit: Visit, host: Host, key: str) -> None:
    chat = visit(f"{host.near}/{key}")
    expect(chat.launcher).to_be_visible()
    for script, is_open in [
        ("chatsite.toggle()", True),
        ("chatsite.open()", True),
        ("chatsite.toggle()", False),
        ('chatsite.toggle("open")', True),
        ('chatsite.toggle("close")', False),
        ("chatsite.close()", False),
        ('chatsite.push(["open"])', True),
    ]:
        call(chat, script)
        assert call(chat, "return chatsite.isOpen") is is_open, script
        expect(chat.panel).to_be_visible(visible=is_open)
    names = [name for name, _detail in heard(chat.page, "opened", "closed")]
    assert names == ["opened", "closed", "opened", "closed", "opened"]


def test_a_call_that_does_not_exist_is_named(
    visit: Visit, host: Host, key: str, watch: Watch
) -> None:
    watch.allow("There is no call named")
    chat = visit(f"{host.near}/{key}")
    expect(chat.launcher).to_be_visible()
    call(chat, 'chatsite.push(["dance"])')
    assert any('named "dance"' in line for line in watch.noted)


def test_the_language_changes_while_the_customer_reads(visit: Visit, host: Host, key: str) -> None:
    chat = visit(f"{host.near}/{key}").open()
    chat.ask("What does delivery cost?")
    chat.field.fill("half a sentence")
    call(chat, 'chatsite.setLocale("zh-CN")')
    expect(chat.field).to_have_attribute("placeholder", "写一条消息")
    expect(chat.field).to_have_value("half a sentence")
    expect(chat.questions).to_have_text(["What does delivery cost?"])
    expect(chat.launcher).to_have_attribute("aria-label", "关闭聊天")
    call(chat, 'chatsite.setLocale("en")')
    expect(chat.field).to_have_attribute("placeholder", "Write a message")
    assert len(heard(chat.page, "ready")) == 1


@pytest.mark.parametrize("has_frame", [False, True])
def test_the_page_chooses_light_or_dark(
    visit: Visit,
    host: Host,
    key: str,
    has_frame: bool,  # noqa: FBT001
) -> None:
    chat = visit(f"{host.near}/{key}")
    expect(chat.launcher).to_be_visible()
    if has_frame:
        chat.open()
    for scheme, is_dark in (("dark", True), ("light", False), ("auto", False)):
        call(chat, f"chatsite.setColorScheme('{scheme}'); chatsite.open()")
        expect(chat.field).to_be_visible()
        chat.page.wait_for_timeout(100)  # the message has arrived in the frame
        for surface in (chat.root.locator("body"), chat.panel):
            lightness = surface.evaluate(LIGHTNESS_SCRIPT)
            assert (lightness < 0.2) is is_dark, scheme
    chat.page.emulate_media(color_scheme="dark")
    assert chat.root.locator("body").evaluate(LIGHTNESS_SCRIPT) < 0.2


def test_staff_read_what_the_page_says_of_the_conversation(
    visit: Visit, host: Host, key: str, open_desk: OpenDesk, watch: Watch
) -> None:
    watch.allow(r"Attributes not kept: nested\.")
    early = 'window.chatsite = [["setCustomAttributes", {plan: "pro", old: 1, nested: {}}]];'
    chat = visit(f"{host.near}/{key}", early).open()
    chat.ask("Do you sell gift cards, dear?")
    call(chat, 'chatsite.setCustomAttributes({basket: 3}); chatsite.deleteCustomAttribute("old")')
    chat.ask("Thanks!")
    desk = open_desk("support").go("conversations/conversation/")
    desk.content.get_by_role("link", name="Do you sell gift cards, dear?").click()
    said = desk.content.locator(".attributes")
    expect(said.locator("dt")).to_have_text(["plan", "basket"])
    expect(said.locator("dd")).to_have_text(["pro", "3"])


def test_the_launcher_goes_and_comes(visit: Visit, host: Host, key: str) -> None:
    chat = visit(host.put(host.tag(key, 'data-hide-launcher="true"')))
    wait_for(chat.page, "ready")
    expect(chat.launcher).to_be_hidden()
    for script, is_visible in [
        ("chatsite.toggleLauncher()", True),
        ("chatsite.toggleLauncher()", False),
        ('chatsite.toggleLauncher("show")', True),
        ('chatsite.toggleLauncher("hide")', False),
        ("chatsite.toggleLauncher(true)", True),
    ]:
        call(chat, script)
        expect(chat.launcher).to_be_visible(visible=is_visible)


def test_the_words_beside_the_icon_are_the_pages_choice(visit: Visit, host: Host, key: str) -> None:
    chat = visit(host.put(host.tag(key, 'data-launcher-label="Any questions?"')))
    words = chat.launcher.locator(".words")
    expect(words).to_have_text("Any questions?")
    for script, text in [
        ('chatsite.setLauncherLabel("We are here")', "We are here"),
        ('chatsite.setLauncherLabel("")', ""),
        ("chatsite.setLauncherLabel()", ""),
    ]:
        call(chat, script)
        expect(words).to_have_text(text)
    call(chat, 'chatsite.setLauncherLabel("Ask us")')
    expect(chat.launcher).to_have_accessible_name("Ask us Open chat")


def test_its_place_is_the_pages_choice(visit: Visit, host: Host, key: str) -> None:
    attributes = (
        'data-position="left" data-horizontal-padding="40" data-vertical-padding="50" '
        'data-z-index="7"'
    )
    chat = visit(host.put(host.tag(key, attributes)), "window.chatsiteSettings = {zIndex: 9};")
    expect(chat.launcher).to_be_visible()
    place, size = box(chat.launcher), chat.page.viewport_size
    assert size is not None
    assert place["x"] == 40
    assert place["y"] + place["height"] == size["height"] - 50
    # A tag knows better than what is said for all tags of the page.
    assert chat.launcher.evaluate("(node) => getComputedStyle(node).zIndex") == "7"


def test_a_settings_object_does_for_a_page_without_data_attributes(
    visit: Visit, host: Host, key: str, site: Site
) -> None:
    tag = f'<script async src="{site.url}/widget.js"></script>'
    settings = f'window.chatsiteSettings = {{widget: "{key}", position: "left", locale: "zh"}};'
    chat = visit(host.put(tag), settings)
    expect(chat.launcher).to_have_attribute("aria-label", "打开聊天")
    assert box(chat.launcher)["x"] == 20


def test_what_was_unmounted_leaves_nothing_and_comes_back(
    visit: Visit, host: Host, key: str
) -> None:
    chat = visit(f"{host.near}/{key}").open()
    chat.ask("What does delivery cost?")
    call(chat, "chatsite.unmount(); chatsite.unmount()")
    expect(chat.page.locator("[data-chatsite]")).to_have_count(0)
    assert len(chat.page.frames) == 1
    assert call(chat, "return [chatsite.hasLoaded, chatsite.isOpen]") == [False, False]
    assert len(heard(chat.page, "unmounted")) == 1
    call(chat, "chatsite.mount(); chatsite.mount()")
    wait_for(chat.page, "ready", 2)
    expect(chat.page.locator("[data-chatsite]")).to_have_count(1)
    chat.open()
    expect(chat.questions).to_have_text(["What does delivery cost?"])


def test_what_is_unmounted_while_it_loads_stays_away(visit: Visit, host: Host, key: str) -> None:
    chat = visit(host.put(host.tag(key, 'data-manual="true"')))
    chat.page.wait_for_function("() => !!window.chatsite?.mount")
    call(chat, "chatsite.mount(); chatsite.unmount()")
    chat.page.wait_for_timeout(500)
    expect(chat.page.locator("[data-chatsite]")).to_have_count(0)
    assert heard(chat.page) == []


def test_an_app_that_throws_its_page_away_mounts_it_again(
    visit: Visit, host: Host, key: str, site: Site
) -> None:
    chat = visit(f"{host.near}/{key}").open()
    call(chat, "document.body.replaceChildren()")
    # As a component does that puts the snippet in on each of its pages.
    insert = f"""
      const tag = document.createElement("script");
      Object.assign(tag, {{ src: "{site.url}/widget.js", async: true }});
      tag.dataset.widget = "{key}";
      document.head.append(tag);
    """
    call(chat, insert)
    wait_for(chat.page, "ready", 2)
    call(chat, insert)
    chat.page.wait_for_timeout(300)
    expect(chat.page.locator("[data-chatsite]")).to_have_count(1)
    chat.open()
    expect(chat.field).to_be_visible()


def test_two_widgets_on_a_page_keep_apart(visit: Visit, host: Host, key: str) -> None:
    other = host.widget_add("Wholesale", launcher_position="left")
    page = visit(host.put(host.tag(key), host.tag(other))).page
    wait_for(page, "ready", 2)
    retail = Chat(page, within=f'[data-chatsite="{key}"]')
    wholesale = Chat(page, within=f'[data-chatsite="{other}"]')
    assert box(wholesale.launcher)["x"] < box(retail.launcher)["x"]
    retail.open()
    expect(retail.ask("What does delivery cost?")).to_contain_text("€4.90")
    page.evaluate("(key) => chatsite.widget(key).open()", other)
    expect(retail.panel).to_be_hidden()  # on a phone one would lie on the other
    expect(wholesale.root.locator("h1")).to_have_text("Wholesale")
    expect(wholesale.questions).to_have_count(0)
    expect(wholesale.ask("Do you sell gift cards?")).to_contain_text("€250")
    page.evaluate("(key) => chatsite.widget(key).unmount()", other)
    expect(wholesale.launcher).to_have_count(0)
    expect(retail.launcher).to_be_visible()
    assert {detail["widget"] for _name, detail in heard(page, "ready")} == {key, other}


def test_any_element_may_open_it(visit: Visit, host: Host, key: str, site: Site) -> None:
    link = f'<a href="{site.url}/chat/{key}/" data-chatsite-open><b>Write to us</b></a>'
    chat = visit(host.put(host.tag(key, 'data-hide-launcher="true"'), body=link))
    wait_for(chat.page, "ready")
    chat.page.get_by_text("Write to us").click()
    expect(chat.field).to_be_focused()
    assert chat.page.url.startswith(host.near)
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.page.get_by_role("link", name="Write to us")).to_be_focused()


def test_a_manual_widget_asks_for_nothing_before_it_is_wanted(
    visit: Visit, host: Host, key: str, site: Site
) -> None:
    button = "<button data-chatsite-open>Ask</button>"
    address = host.put(host.tag(key, 'data-manual="true"'), body=button)
    asked: list[str] = []
    visit("about:blank").page.on("request", lambda request: asked.append(request.url))
    chat = visit(address)
    chat.page.wait_for_function("() => !!window.chatsite?.mount")
    chat.page.wait_for_load_state("networkidle")
    assert asked == [address, f"{site.url}/widget.js"]
    expect(chat.page.locator("[data-chatsite]")).to_have_count(0)
    chat.page.get_by_role("button", name="Ask").click()
    expect(chat.field).to_be_visible()


def test_an_answer_behind_a_closed_panel_is_counted(visit: Visit, host: Host, key: str) -> None:
    chat = visit(f"{host.near}/{key}").open()
    chat.send("How do I return something?")
    expect(chat.answers).to_have_count(1)
    chat.page.keyboard.press("Escape")
    wait_for(chat.page, "unread")
    expect(chat.launcher).to_have_attribute("aria-label", "Open chat, new answers: 1")
    chat.open()
    expect(chat.launcher).to_have_attribute("aria-label", "Close chat")
    counts = [detail["count"] for _name, detail in heard(chat.page, "unread")]
    assert counts == [1, 0]
    assert heard(chat.page, "started") == [["started", {"widget": key}]]
    assert heard(chat.page, "message") == [
        ["message", {"widget": key, "position": 2, "status": "complete"}]
    ]


def test_strangers_cannot_speak_for_the_panel_nor_listen_to_the_page(
    visit: Visit, host: Host, key: str
) -> None:
    chat = visit(f"{host.near}/{key}").open()
    call(chat, 'postMessage({chatsite: 1, type: "close"}, "*")')
    call(chat, 'postMessage({chatsite: 1, type: "message", position: 9}, "*")')
    chat.page.wait_for_timeout(200)
    expect(chat.panel).to_be_visible()
    assert heard(chat.page, "message", "closed") == []
