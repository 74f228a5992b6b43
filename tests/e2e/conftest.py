"""A real browser against the real demo, each in a process of its own.

Run as ``pytest tests/e2e``. Without a browser the run ends with one line; with
``REQUIRE_BROWSER=1`` it fails.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

if CHROMIUM is None:
    pytest.exit(
        "Skipped the browser tests: there is no Chromium here (Debian, Ubuntu: apt install "
        "chromium).",
        returncode=1 if os.environ.get("REQUIRE_BROWSER") == "1" else 0,
    )


@dataclass(frozen=True)
class Demo:
    """The running demo: where it is, and who can sign in."""

    url: str
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """What ``make demo`` starts, with a database of its own, until the last test is done."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    database = tmp_path_factory.mktemp("demo") / "db.sqlite3"
    environment = {
        **os.environ,  # tests/settings.py has put test secrets there
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "PORT": str(port),
        "SITE_URL": "",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "manage.py", "demo"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        passwords = dict(re.findall(r"^  (support|editor|operator) +(\S+)$", said, re.MULTILINE))
        assert len(passwords) == 3, said
        try:
            yield Demo(f"http://127.0.0.1:{port}", passwords)
        finally:
            process.terminate()
            assert process.wait(30) == 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox"],  # as root, in containers, it would not start otherwise
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that nobody has used: no storage, no cookies."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script may fail and no policy may be broken."""
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    yield page
    assert complaints == []
