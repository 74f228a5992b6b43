"""What a website can call and hear, on a page of another origin with a strict policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenDesk, Visit
from tests.e2e.host import Host
from tests.e2e.rest import box, until
from tests.e2e.test_layout import lightness
from tests.e2e.visit import call, heard, wait_for
from tests.e2e.watch import Watch


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
    with chat.page.expect_console_message(lambda message: 'named "dance"' in message.text):
        call(chat, 'chatsite.push(["dance"])')


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


def shade_is(surface: Locator, *, is_dark: bool) -> Callable[[], bool]:
    return lambda: (lightness(surface) < 0.2) is is_dark


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
        chat.opened()
        for surface in (chat.root.locator("body"), chat.panel):
            until(shade_is(surface, is_dark=is_dark))
    chat.page.emulate_media(color_scheme="dark")
    until(shade_is(chat.root.locator("body"), is_dark=True))


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
    desk.content.get_by_role("link", name="Do you sell gift cards, dear?").first.click()
    said = desk.content.locator(".attributes")
    expect(said.locator("dt")).to_have_text(["plan", "basket"])
    expect(said.locator("dd")).to_have_text(["pro", "3"])


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
    wholesale.opened()
    expect(wholesale.root.locator("h1")).to_have_text("Wholesale")
    expect(wholesale.questions).to_have_count(0)
    expect(wholesale.ask("Do you sell gift cards?")).to_contain_text("€250")
    page.evaluate("(key) => chatsite.widget(key).unmount()", other)
    expect(wholesale.launcher).to_have_count(0)
    expect(retail.launcher).to_be_visible()
    assert {detail["widget"] for _name, detail in heard(page, "ready")} == {key, other}


def test_an_answer_behind_a_closed_panel_is_counted(visit: Visit, host: Host, key: str) -> None:
    chat = visit(f"{host.near}/{key}").open()
    chat.ask("What does delivery cost?")
    other = chat.twin()
    chat.close()
    other.ask("How do I return something?")
    wait_for(chat.page, "unread")
    expect(chat.launcher).to_have_attribute("aria-label", "Open chat, new answers: 1")
    chat.open()
    expect(chat.launcher).to_have_attribute("aria-label", "Close chat")
    counts = [detail["count"] for _name, detail in heard(chat.page, "unread")]
    assert counts == [1, 0]
    assert heard(chat.page, "started") == [["started", {"widget": key}]]
    assert heard(chat.page, "message") == [
        ["message", {"widget": key, "position": position, "status": "complete"}]
        for position in (2, 4)
    ]


def test_strangers_cannot_speak_for_the_panel_nor_listen_to_the_page(
    visit: Visit, host: Host, key: str
) -> None:
    chat = visit(f"{host.near}/{key}").open()
    chat.page.evaluate(
        """() => new Promise((heardAll) => {
          postMessage({chatsite: 1, type: "close"}, "*");
          postMessage({chatsite: 1, type: "message", position: 9}, "*");
          addEventListener("message", ({ data }) => data === "the last" && heardAll());
          postMessage("the last", "*");
        })"""
    )
    expect(chat.panel).to_be_visible()
    assert heard(chat.page, "message", "closed") == []
