"""The widget on somebody else's website: another origin, with a strict policy of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.browser import LAUNCH
from tests.e2e.chat import Chat
from tests.e2e.conftest import CHROMIUM, PATIENCE_MS, OpenContext, OpenDesk
from tests.e2e.site import Site
from tests.e2e.watch import Watch

WIDGET_ADD = """
from conversations.models import PromptTemplate, Widget
print(Widget.objects.create(
    name="Elsewhere", prompt_template=PromptTemplate.objects.get(), allowed_origins={origins!r},
).public_key)
"""
PAGE = """<!doctype html>
<html lang="en"><head><title>A shop elsewhere</title><link rel="icon" href="data:,">
<script async src="{site}/widget.js" data-widget="{key}"></script></head>
<body><main><h1>A shop elsewhere</h1></main></body></html>"""


class Host:
    """A website that allows nothing but what our installation guide asks for."""

    def __init__(self, site: Site) -> None:
        policy = (
            "default-src 'none'; img-src data:; "
            f"script-src {site.url}; connect-src {site.url}; frame-src {site.url}"
        )

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = PAGE.format(site=site.url, key=urlsplit(self.path).path[1:]).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing: the tests' output is for their results."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = self._server.server_address[1]
        # Ports do not make a site of their own, names do: browsers treat the two differently.
        self.near = f"http://127.0.0.1:{port}"
        self.far = f"http://localhost:{port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def host(site: Site) -> Iterator[Host]:
    """The website that the widget ``key`` may stand on."""
    with Host(site) as host:
        yield host


@pytest.fixture(scope="module")
def stranger(site: Site) -> Iterator[Host]:
    """A website on the same machine that nobody has allowed."""
    with Host(site) as host:
        yield host


@pytest.fixture(scope="module")
def key(site: Site, host: Host) -> str:
    script = WIDGET_ADD.format(origins=[host.near, host.far])
    return site.manage("shell", "--verbosity=0", "--command", script).strip()


@pytest.fixture
def page(open_context: OpenContext, watch: Watch, host: Host, stranger: Host) -> Page:
    for origin in (host.near, host.far, stranger.near):
        watch.welcome(origin)
    return open_context().new_page()


def test_a_conversation_on_another_origin_outlives_the_page(
    page: Page, host: Host, key: str
) -> None:
    chat = Chat(page)
    page.goto(f"{host.near}/{key}")
    chat.open()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    page.reload()
    chat.open()
    expect(chat.questions).to_have_text(["What does delivery cost?"])
    page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()


def test_it_works_on_another_site_that_gives_it_no_storage(
    page: Page, host: Host, key: str
) -> None:
    # Playwright turns the partitioning of storage off; Chromium then gives a third party none.
    chat = Chat(page)
    page.goto(f"{host.far}/{key}")
    chat.open()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    expect(chat.ask("Do you sell gift cards?")).to_contain_text("€250")
    expect(chat.questions).to_have_count(2)


def test_the_site_learns_on_which_page_the_customer_was(
    page: Page, host: Host, key: str, open_desk: OpenDesk
) -> None:
    chat = Chat(page)
    page.goto(f"{host.near}/{key}?from=newsletter")
    chat.open().ask("Where do you ship to?")
    desk = open_desk("support").go("conversations/conversation/")
    desk.content.get_by_role("link", name="Where do you ship to?").click()
    expect(desk.content).to_contain_text(f"{host.near}/{key}?from=newsletter")


def test_it_stays_hidden_on_a_website_that_is_not_allowed(
    page: Page, stranger: Host, key: str, watch: Watch
) -> None:
    watch.allow(r"\[chatsite\] The chat stays hidden")
    watch.allow("blocked by CORS policy|Failed to load resource")
    with page.expect_console_message(lambda message: "[chatsite]" in message.text) as said:
        page.goto(f"{stranger.near}/{key}")
    assert stranger.near in said.value.text
    assert "allowed origins" in said.value.text
    expect(page.locator("[data-chatsite]")).to_have_count(0)
    assert len(page.frames) == 1


def test_its_panel_cannot_be_framed_by_a_website_that_is_not_allowed(
    page: Page, stranger: Host, key: str, site: Site, watch: Watch
) -> None:
    watch.allow("frame-ancestors|blocked by CORS|Failed to load|stays hidden|chrome-error")
    page.goto(f"{stranger.near}/{key}")
    page.evaluate(
        """(address) => new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.addEventListener("load", resolve);
          frame.src = address;
          document.body.append(frame);
        })""",
        f"{site.url}/widget/{key}/panel/",
    )
    expect(page.frame_locator("iframe").locator(".composer")).to_have_count(0)
    assert any("frame-ancestors" in line for line in watch.noted), watch.noted


def test_a_key_that_does_not_exist_leaves_one_line_for_the_developer(
    page: Page, host: Host, watch: Watch
) -> None:
    watch.allow(r"\[chatsite\] The chat stays hidden: no active widget|Failed to load resource")
    with page.expect_console_message(lambda message: "[chatsite]" in message.text):
        page.goto(f"{host.near}/nobody")
    expect(page.locator("[data-chatsite]")).to_have_count(0)


def test_it_works_where_storage_is_blocked(
    playwright: Playwright, site: Site, watch: Watch, tmp_path: Path
) -> None:
    profile = tmp_path / "Default"
    profile.mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Preferences").write_text(json.dumps(blocked))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, **LAUNCH
    )
    context.set_default_timeout(PATIENCE_MS)
    watch.attach(context)
    chat = Chat(context.new_page())
    chat.page.goto(site.url)
    with pytest.raises(Exception, match="SecurityError"):
        chat.page.evaluate("localStorage.length")
    chat.open()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    chat.start_over()
    expect(chat.ask("Do you sell gift cards?")).to_contain_text("€250")
    expect(chat.questions).to_have_count(1)
    context.close()
