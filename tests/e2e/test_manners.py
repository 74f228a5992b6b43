"""Small things that customers feel: copying, sounds, titles, drafts, long and foreign texts."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat, OpenContext
from tests.e2e.site import Site
from tests.e2e.test_accessibility import STILL, violations
from tests.e2e.test_own_data import choose

QUESTION = "What does delivery cost?"
CODE = "PINE-30\n  --gift"
# The sandbox never answers in code: what it said is replaced before the page is loaded again.
CODE_ANSWER = f"""
from conversations.models import Author, Message
newest = Message.objects.filter(author=Author.ASSISTANT).latest("pk")
newest.text = "Use this:\\n\\n```\\n" + {CODE!r} + "\\n```\\n"
newest.save()
"""
SOUND_SCRIPT = """
window.notes = 0;
const Tone = window.OscillatorNode;
window.OscillatorNode = class extends Tone {
  start(...given) { super.start(...given); window.notes += 1; }
};
"""
HIDE_SCRIPT = """
(isHidden) => {
  Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
SMALL_TARGETS_SCRIPT = """
() => [...document.querySelectorAll("button, input, textarea, a")]
  .filter((node) => node.checkVisibility() && !node.closest(".prose p"))
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 24)
  .map(([html]) => html)
"""


def page_chat(
    open_chat: OpenChat, open_context: OpenContext, site: Site, **options: object
) -> Chat:
    """Open the chat as a page of its own."""
    key = open_chat().page.locator("[data-chatsite]").get_attribute("data-chatsite")
    chat = Chat(open_context(**options).new_page(), is_framed=False)
    chat.page.goto(f"{site.url}/chat/{key}/")
    return chat


def direction(locator: Locator) -> str:
    return str(locator.evaluate("(node) => getComputedStyle(node).direction"))


def test_code_is_copied_with_one_click_as_it_stands(chat: Chat, site: Site) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.ask(QUESTION)
    site.manage("shell", "--verbosity=0", "--command", CODE_ANSWER)
    chat.page.reload()
    chat.open()
    expect(chat.answers.locator("pre")).to_have_text(CODE)
    chat.button("Copy code").click()
    expect(chat.root.locator(".announcer")).to_have_text("Copied")
    assert chat.page.evaluate("navigator.clipboard.readText()").strip() == CODE
    assert violations(chat.page, chat.page.frames[1]) == []
    assert chat.page.frames[1].evaluate(SMALL_TARGETS_SCRIPT) == []


def test_code_is_copied_where_the_clipboard_is_kept_from_us(chat: Chat, site: Site) -> None:
    chat.ask(QUESTION)
    site.manage("shell", "--verbosity=0", "--command", CODE_ANSWER)
    chat.page.context.add_init_script(
        "delete Navigator.prototype.clipboard;"
        "document.addEventListener('copy', () => { window.copied = String(getSelection()); });"
    )
    chat.page.reload()
    chat.open()
    chat.button("Copy code").click()
    expect(chat.root.locator(".announcer")).to_have_text("Copied")
    assert chat.page.frames[1].evaluate("window.copied").strip() == CODE


def test_sounds_are_off_until_somebody_wants_them_and_then_stay_on(
    open_context: OpenContext, site: Site
) -> None:
    context = open_context()
    context.add_init_script(SOUND_SCRIPT)
    chat = Chat(context.new_page())
    chat.page.goto(site.url)
    chat.open()
    frame = chat.page.frames[1]
    chat.ask(QUESTION)
    assert frame.evaluate("window.notes") == 0
    choose(chat, "Sounds")
    assert frame.evaluate("window.notes") == 2  # so it is known what they sound like
    chat.button("More").click()
    expect(chat.button("Sounds")).to_have_attribute("aria-pressed", "true")
    chat.page.reload()
    chat.open()
    frame = chat.page.frames[1]
    chat.ask(QUESTION)
    assert frame.evaluate("window.notes") == 2
    choose(chat, "Sounds")
    chat.ask(QUESTION)
    assert frame.evaluate("window.notes") == 2


def test_the_pages_own_title_counts_what_came_while_nobody_looked(
    open_chat: OpenChat, open_context: OpenContext, site: Site
) -> None:
    chat = page_chat(open_chat, open_context, site)
    chat.ask(QUESTION)
    expect(chat.page).to_have_title("Harbour & Pine")
    chat.page.evaluate(HIDE_SCRIPT, arg=True)
    chat.ask(QUESTION)
    expect(chat.page).to_have_title("(1) Harbour & Pine")
    chat.page.evaluate(HIDE_SCRIPT, arg=False)
    expect(chat.page).to_have_title("Harbour & Pine")


def test_the_launcher_counts_and_the_hosts_title_only_where_its_owner_asks(
    open_context: OpenContext, site: Site
) -> None:
    for asks in (False, True):
        context = open_context()
        if asks:
            context.add_init_script("window.chatsiteSettings = {unreadInTitle: true};")
        chat = Chat(context.new_page())
        chat.page.goto(site.url)
        title = chat.page.title()
        chat.open().ask(QUESTION)
        other = chat.twin()
        chat.close()
        other.ask(QUESTION)
        expect(chat.launcher).to_have_attribute("aria-label", "Open chat, new answers: 1")
        expect(chat.launcher.locator(".badge")).to_have_text("1")
        expect(chat.page).to_have_title(f"(1) {title}" if asks else title)
        chat.launcher.click()
        expect(chat.launcher.locator(".badge")).to_be_hidden()
        expect(chat.page).to_have_title(title)
        context.close()


def test_a_draft_is_kept_until_it_is_sent(chat: Chat) -> None:
    chat.field.fill("half a")
    chat.page.reload()
    chat.open()
    expect(chat.field).to_have_value("half a")
    chat.field.press("Enter")
    expect(chat.questions).to_have_text(["half a"])
    chat.page.reload()
    chat.open()
    expect(chat.field).to_have_value("")


def test_a_long_text_is_pasted_whole_and_its_end_is_in_view(
    open_chat: OpenChat, open_context: OpenContext, site: Site
) -> None:
    chat = page_chat(open_chat, open_context, site)
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = "\n".join(f"line {number}" for number in range(300))
    chat.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    chat.field.focus()
    chat.page.keyboard.press("Control+V")
    expect(chat.field).to_have_value(text)
    chat.page.wait_for_function("() => document.querySelector('textarea').scrollTop > 0")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_have_text([text])
    # Each of these is one character to a customer and two to JavaScript.
    chat.field.fill("🌲" * 4000)
    expect(chat.root.locator(".count")).to_have_text("0 characters left")
    expect(chat.button("Send")).to_be_enabled()


def test_each_text_runs_the_way_its_script_does(chat: Chat) -> None:
    text = "كم تكلفة التوصيل؟ 👩‍👩‍👧 Skerry"
    chat.field.fill(text)
    assert direction(chat.field) == "rtl"
    chat.send(text)
    assert direction(chat.questions.first) == "rtl"
    chat.send(QUESTION)
    assert direction(chat.questions.last) == "ltr"


def test_at_two_hundred_percent_everything_can_be_reached(open_chat: OpenChat) -> None:
    # A window of 1280 by 800 has half as many CSS pixels at twice the size.
    chat = open_chat(viewport={"width": 640, "height": 400}, device_scale_factor=2, **STILL)
    answer = chat.ask(QUESTION)
    answer.get_by_role("button", name="Not helpful", exact=True).click()
    for part in (chat.field, answer.get_by_label("Comment")):
        part.scroll_into_view_if_needed()
        expect(part).to_be_in_viewport(ratio=1)
    choose(chat, "Delete conversation …")
    expect(chat.button("Delete for good")).to_be_in_viewport(ratio=1)
    chat.button("Keep it").click()
    chat.button("More").click()
    chat.button("Delete conversation …").scroll_into_view_if_needed()
    expect(chat.button("Delete conversation …")).to_be_in_viewport(ratio=1)
    frame = chat.page.frames[1]
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_in_forced_colours_what_can_be_pressed_has_an_edge(open_chat: OpenChat) -> None:
    chat = open_chat(forced_colors="active", **STILL)
    answer = chat.ask(QUESTION)
    thumb = answer.get_by_role("button", name="Not helpful", exact=True)
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    other = answer.get_by_role("button", name="Helpful", exact=True)
    looks = (
        "(node) => [getComputedStyle(node).borderTopWidth, getComputedStyle(node).backgroundColor]"
    )
    pressed, released = thumb.evaluate(looks), other.evaluate(looks)
    assert pressed[0] == released[0] == "1px"
    assert pressed[1] != released[1]


def test_every_target_is_large_enough(open_chat: OpenChat) -> None:
    chat = open_chat(**STILL)
    frame = chat.page.frames[1]
    answer = chat.ask("/fault cut 3")
    answer.get_by_role("button", name="Not helpful", exact=True).click()
    expect(answer.locator(".why")).to_be_visible()
    chat.button("More").click()
    assert frame.evaluate(SMALL_TARGETS_SCRIPT) == []
    chat.button("Earlier conversations").click()
    expect(chat.root.locator(".talks li")).to_have_count(1)
    assert frame.evaluate(SMALL_TARGETS_SCRIPT) == []
    chat.button("Back to the chat").click()
    choose(chat, "Delete conversation …")
    expect(chat.button("Delete for good")).to_be_visible()
    assert frame.evaluate(SMALL_TARGETS_SCRIPT) == []
