"""Where, when and with which words a website lets the launcher stand on its page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.host import Host
from tests.e2e.rest import box
from tests.e2e.site import Site
from tests.e2e.visit import call, heard, wait_for


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
    expect(chat.page.locator("iframe")).to_have_count(0)
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
    # What was asked for later is there; what was given up would have been there before it.
    call(chat, "chatsite.mount()")
    wait_for(chat.page, "ready")
    expect(chat.page.locator("[data-chatsite]")).to_have_count(1)
    assert heard(chat.page) == [["ready", {"widget": key}]]


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
      return new Promise((loaded) => {{
        tag.onload = loaded;
        document.head.append(tag);
      }});
    """
    call(chat, insert)
    wait_for(chat.page, "ready", 2)
    call(chat, insert)
    chat.open()
    expect(chat.page.locator("[data-chatsite]")).to_have_count(1)
    assert len(heard(chat.page, "ready")) == 2


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
