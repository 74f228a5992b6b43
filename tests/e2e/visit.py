"""What the page of a website hears of its widget, and tells it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.e2e.chat import Chat

EVENTS = ("ready", "opened", "closed", "started", "message", "unread", "error", "unmounted")
LISTEN_SCRIPT = f"""
window.heard = [];
for (const name of {list(EVENTS)}) {{
  addEventListener(`chatsite:${{name}}`, (event) => heard.push([name, event.detail]));
}}
"""


def heard(page: Page, *names: str) -> list[Any]:
    """Return the events so far; only those of some names, if there are any."""
    events: list[list[Any]] = page.evaluate("heard")
    return [event for event in events if not names or event[0] in names]


def wait_for(page: Page, name: str, count: int = 1) -> None:
    """Wait until an event has come so often."""
    page.wait_for_function(
        "([name, count]) => heard.filter(([said]) => said === name).length >= count",
        arg=[name, count],
    )


def call(chat: Chat, script: str) -> Any:
    """Run a script on the page and return what it returns, or what that promises."""
    return chat.page.evaluate(f"() => {{ {script} }}")
