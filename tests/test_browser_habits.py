"""Browser tests wait for what is bound to come: a glance or a while fails by chance one day."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

E2E = Path(__file__).parent / "e2e"
# Pictures may wait for beauty; a process that starts can only be asked again and again.
WAITING = {"screenshots.py", "rest.py", "site.py"}
WHILES = {"wait_for_timeout", "sleep"}
# What a page says at one moment. ``expect`` looks again until it is so.
GLANCES = {
    "all_text_contents",
    "count",
    "get_attribute",
    "input_value",
    "is_checked",
    "is_disabled",
    "is_editable",
    "is_enabled",
    "is_hidden",
    "is_visible",
    "text_content",
}


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Return the line and the name of each method that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, node.func.attr


def haste(source: str, *, may_wait: bool = False) -> list[str]:
    """Return what a test does that depends on how fast everything is."""
    tree = ast.parse(source)
    found = set() if may_wait else {call for call in calls(tree) if call[1] in WHILES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            found |= {call for call in calls(node.test) if call[1] in GLANCES}
    return [f"line {line}: {name}" for line, name in sorted(found)]


def test_no_browser_test_waits_for_a_while_or_asserts_at_a_glance() -> None:
    found = {
        path.name: haste(path.read_text(encoding="utf-8"), may_wait=path.name in WAITING)
        for path in E2E.glob("*.py")
    }
    assert len(found) > 30
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "page.wait_for_timeout(300)",
        "time.sleep(1)",
        "assert chat.answers.count() == 1",
        "assert not page.locator('h1').is_visible()",
        "assert 'v1' in page.locator('h1').text_content()",
    ],
)
def test_such_a_line_would_be_noticed(line: str) -> None:
    assert haste(line) != []


def test_what_looks_again_is_welcome() -> None:
    assert (
        haste("expect(chat.answers).to_have_count(1)\nassert chat.ask('Hello') is not None") == []
    )
