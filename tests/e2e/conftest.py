"""A real browser on a real site: ``pytest tests/e2e``, apart from the other tests.

Without Chromium the run ends with one line; with ``REQUIRE_BROWSER=1`` it fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.e2e.browser import LAUNCH, chromium_find
from tests.e2e.chat import Chat
from tests.e2e.desk import Desk
from tests.e2e.host import Host
from tests.e2e.site import ROOT, Site
from tests.e2e.visit import LISTEN_SCRIPT
from tests.e2e.watch import Watch
from tests.e2e.website import Website, website_make

# Generous: the machine may be busy, and a passing test never waits for long.
PATIENCE_MS = 15_000

CHROMIUM = chromium_find()

OpenContext = Callable[..., BrowserContext]
OpenChat = Callable[..., Chat]
OpenDesk = Callable[..., Desk]
Visit = Callable[..., Chat]


def pytest_sessionstart() -> None:
    """End the run with one line where there is no browser."""
    if CHROMIUM is None:
        pytest.exit(
            "Skipped the browser tests: there is no Chromium here (Debian, Ubuntu: apt install "
            "chromium).",
            returncode=1 if os.environ.get("REQUIRE_BROWSER") == "1" else 0,
        )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, **LAUNCH)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo, running; it ends in good order after the last test."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.start()
    site.keys_add()
    yield site
    assert site.stop() == 0


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """Fails the test if any of its pages did what no page may do."""
    watch = Watch([site.url])
    said = len(site.output())
    yield watch
    assert watch.complaints == []
    errors = [line for line in site.output()[said:].splitlines() if " ERROR " in line]
    assert errors == []


@pytest.fixture
def open_context(
    browser: Browser, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[OpenContext]:
    """Opens a browser of its own for one person; what it shows is kept when the test fails."""
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        watch.attach(context)
        contexts.append(context)
        return context

    yield open_one
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            _keep_pictures(context, f"{request.node.name}-{number}")
        context.close()


@pytest.fixture
def open_chat(open_context: OpenContext, site: Site) -> OpenChat:
    """Opens the shop with the panel open, as a new customer."""

    def open_one(**options: Any) -> Chat:
        page = open_context(**options).new_page()
        page.goto(site.url)
        return Chat(page).open()

    return open_one


@pytest.fixture
def chat(open_chat: OpenChat) -> Chat:
    return open_chat()


@pytest.fixture(scope="module")
def host(site: Site) -> Iterator[Host]:
    """Somebody else's website, which the widget ``key`` may stand on."""
    with Host(site) as host:
        yield host


@pytest.fixture(scope="module")
def key(host: Host) -> str:
    """The public key of a widget that is not the shop's."""
    return host.widget_add()


@pytest.fixture
def page(open_context: OpenContext, watch: Watch, host: Host) -> Page:
    """A page of a new customer, who may visit the other website."""
    for origin in (host.near, host.far):
        watch.welcome(origin)
    return open_context().new_page()


@pytest.fixture
def visit(page: Page) -> Visit:
    """Opens a page of the other website, whose events are written down."""

    def open_one(address: str, script: str = "") -> Chat:
        page.add_init_script(LISTEN_SCRIPT + script)
        page.goto(address)
        return Chat(page)

    return open_one


@pytest.fixture(scope="module")
def website(site: Site, host: Host) -> Website:
    """The other website, whose server tells the widget who is signed in."""
    return website_make(site, host)


@pytest.fixture(scope="module")
def strict_website(site: Site, host: Host) -> Website:
    """The same, for signed-in customers alone."""
    return website_make(site, host, is_verified_only=True)


@pytest.fixture(scope="session")
def signed_in() -> dict[tuple[str, str], Any]:
    """What a browser remembers of each account: signing in is slow on purpose."""
    return {}


@pytest.fixture
def open_desk(
    open_context: OpenContext, site: Site, signed_in: dict[tuple[str, str], Any]
) -> OpenDesk:
    """Opens the admin as the account of this name."""

    def open_one(name: str, **options: Any) -> Desk:
        account = (site.url, name)
        context = open_context(storage_state=signed_in.get(account), **options)
        desk = Desk(context.new_page(), site)
        if account in signed_in:
            return desk.go("")
        desk.sign_in(name)
        expect(desk.rooms).to_be_visible()
        desk.page.wait_for_load_state()
        signed_in[account] = context.storage_state()
        return desk

    return open_one


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Remember whether the test failed, for the fixtures that end after it."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def _keep_pictures(context: BrowserContext, name: str) -> None:
    folder = Path(ROOT, "test-results")
    folder.mkdir(exist_ok=True)
    for number, page in enumerate(context.pages):
        page.screenshot(path=folder / f"{name}-{number}.png")
