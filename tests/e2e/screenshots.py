"""The pictures in the documents: ``make screenshots`` takes them from the running demo.

A day at Harbour & Pine is played first, by the people whose work the pictures show.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenChat, OpenContext, OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.site import ROOT, Site
from tests.e2e.watch import Watch

IMAGES = Path(ROOT, "docs", "images")
MOST_BYTES = 250_000
SCREEN = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.4}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
STILL = {"reduced_motion": "reduce"}

# The oldest first; each line is a question of one customer.
CUSTOMERS: tuple[tuple[str, ...], ...] = (
    ("Do you sell gift cards?", "Thanks!"),
    ("My parcel arrived damaged, what should I do?",),
    ("可以寄到中国吗？", "运费是多少？"),
    ("Is the Skerry jacket waterproof?", "And what size should I take?"),
    ("/fault cut 9",),
    ("When do I get my refund?",),
    ("How do I wash the Fog wool blanket?", "Does the lantern need batteries?"),
)
# What the sandbox took for an order was a question, to whoever looks at the picture.
A_DAY_AGO = """
from datetime import timedelta
from conversations.models import Conversation, Message, PromptMove, PromptVersion
from django.db.models import QuerySet
from django.utils import timezone
Message.objects.filter(text="/fault cut 9").update(text="Where is my order?")
Conversation.objects.filter(opening="/fault cut 9").update(opening="Where is my order?")
minutes = [1380, 1015, 340, 212, 148, 61, 17]
for conversation, ago in zip(Conversation.objects.order_by("created_at"), minutes):
    shift = timedelta(minutes=ago)
    conversation.created_at -= shift
    conversation.active_at -= shift
    conversation.save()
    for message in Message.objects.filter(conversation=conversation):
        Message.objects.filter(pk=message.pk).update(created_at=message.created_at - shift)
three_weeks_ago = timezone.now() - timedelta(weeks=3)
# A published version never changes: only past its own manager can a picture age one.
QuerySet(PromptVersion).update(published_at=three_weeks_ago)
QuerySet(PromptMove).update(moved_at=three_weeks_ago)
"""
KEYS = (
    ("Team account, October", "sandbox-1a6f0c93d27e4b58"),
    ("Backup account", "sandbox-90b7e2d41c5f8a36"),
)
BUSY_SECONDS = 150
REPAIRS = "A: Yes. Our workshop mends jackets, bags and lanterns"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo that nobody has used yet."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    assert site.stop() == 0


def picture(page: Page, name: str) -> None:
    """Take a picture of what the page shows, once it has come to rest."""
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    assert path.stat().st_size <= MOST_BYTES, f"{path.name} is {path.stat().st_size} bytes"


def day_play(open_chat: OpenChat, open_desk: OpenDesk, site: Site) -> None:
    """Let customers ask, an editor publish and an operator add keys."""
    for questions in CUSTOMERS:
        chat = open_chat(locale="zh-CN" if "可以" in questions[0] else "en-GB")
        for question in questions:
            chat.ask(question)
        chat.page.context.close()
    site.manage("shell", "--command", A_DAY_AGO)
    operator = open_desk("operator")
    for label, secret in KEYS:
        operator.go("gateway/apikey/add/")
        operator.page.get_by_label("Provider").select_option("Sandbox")
        operator.page.get_by_label("Label").fill(label)
        operator.page.get_by_label("Secret").fill(secret)
        operator.page.get_by_role("button", name="Test and add").click()
    operator.page.get_by_role("link", name="Pause …").click()
    operator.page.locator(".submit-row input[type=submit]").click()
    expect(operator.page.locator(".messagelist")).to_be_visible()
    operator.go("gateway/limit/add/")
    operator.page.get_by_label("Applies to").select_option("each API key by itself")
    operator.page.get_by_label("Requests per minute").fill("60")
    operator.page.get_by_label("Answers at a time").fill("20")
    operator.page.get_by_role("button", name="Save", exact=True).click()
    expect(operator.page.locator(".messagelist")).to_be_visible()
    editor = open_desk("editor").go("conversations/prompttemplate/1/change/")
    instructions = editor.page.get_by_label("Instructions")
    text = instructions.input_value()
    instructions.fill(text.replace(REPAIRS, f"{REPAIRS}, and blankets since this week"))
    editor.page.get_by_role("button", name="Save and publish …").click()
    editor.page.get_by_label("Note").fill("The workshop mends blankets now")
    editor.page.get_by_role("button", name="Publish").click()
    expect(editor.page.locator(".messagelist")).to_be_visible()


def chat_pictures(open_chat: OpenChat) -> None:
    """Take the pictures that show what customers see."""
    options: dict[str, Any] = {**SCREEN, **STILL, "locale": "en-GB"}
    chat = open_chat(**options)
    chat.ask("How do I return something?")
    picture(chat.page, "widget")
    chat.page.emulate_media(color_scheme="dark")
    chat.ask("Do you repair things?")
    picture(chat.page, "widget-dark")
    chat.page.emulate_media(color_scheme="light")
    chat.page.keyboard.press("Escape")
    chat.page.locator("body").evaluate("() => document.activeElement.blur()")
    picture(chat.page, "shop")
    phone = open_chat(**PHONE, **STILL, locale="zh-CN")
    phone.ask("怎么退货？")
    picture(phone.page, "widget-phone")
    chinese = open_chat(**SCREEN, **STILL, locale="zh-CN")
    picture(chinese.page, "widget-chinese")
    dark_phone = open_chat(**PHONE, **STILL, locale="en-GB", color_scheme="dark")
    picture(dark_phone.page, "widget-phone-dark")


def desk_pictures(open_desk: OpenDesk) -> None:
    """Take the pictures that show what staff see."""
    options: dict[str, Any] = {**SCREEN, **STILL, "locale": "en-GB"}
    desk = open_desk("support", **options).go("conversations/conversation/")
    picture(desk.page, "admin-conversations")
    desk.content.get_by_role("link", name="How do I wash the Fog wool blanket?").click()
    desk.content.get_by_text("How it came about").first.click()
    picture(desk.page, "admin-transcript")
    desk = open_desk("editor", **options).go("conversations/prompttemplate/1/change/")
    picture(desk.page, "admin-prompt")
    desk.go("conversations/widget/1/change/").page.locator("#id_launcher_label").fill("Ask us")
    expect(desk.page.locator("[data-launcher] .words")).to_have_text("Ask us")
    picture(desk.page, "admin-widget")
    desk = open_desk("operator", **options).go("gateway/apikey/")
    picture(desk.page, "admin-keys")
    picture(desk.go("gateway/provider/1/change/").page, "admin-provider")


def test_the_pictures(open_chat: OpenChat, open_desk: OpenDesk, site: Site) -> None:
    IMAGES.mkdir(exist_ok=True)
    day_play(open_chat, open_desk, site)
    chat_pictures(open_chat)
    desk_pictures(open_desk)


def test_the_pictures_of_the_dashboard(
    open_context: OpenContext, tmp_path: Path, watch: Watch
) -> None:
    """A demo with made-up customers, and a quarter of an hour that has only begun."""
    busy = Site(tmp_path, DEMO_TRAFFIC="1")
    busy.start()
    watch.welcome(busy.url)
    try:
        page = open_context(**SCREEN, **STILL, locale="en-GB").new_page()
        desk = Desk(page, busy).sign_in("operator")
        page.wait_for_timeout(BUSY_SECONDS * 1000)
        desk.go("gateway/dashboard/?range=15m")
        expect(page.locator("#pulse")).to_have_text("Updates by itself")
        picture(page, "admin-dashboard")
        page.emulate_media(color_scheme="dark")
        picture(page, "admin-dashboard-dark")
    finally:
        busy.stop()
