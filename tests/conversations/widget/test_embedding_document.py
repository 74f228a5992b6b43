"""What is written for those who embed the chat is what the loader does."""

from __future__ import annotations

import re

import pytest

from chatsite import settings

ROOT = settings.BASE_DIR
DOCUMENT = (ROOT / "docs/embedding.md").read_text(encoding="utf-8")
LOADER = (ROOT / "static/widget/loader.js").read_text(encoding="utf-8")
PANEL = (ROOT / "static/widget/panel.js").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(title: str) -> list[tuple[str, ...]]:
    """Return the cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def names(title: str) -> set[str]:
    """Return what stands in a table's first column, up to a bracket."""
    return {re.sub(r"[`(].*", "", row[0].lstrip("`")) for row in rows(title)}


def kebab(name: str) -> str:
    return "data-" + re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name)


def test_every_setting_is_written_down_with_its_attribute() -> None:
    listed = re.search(r"const SETTINGS = \[(.*?)\];", LOADER, re.DOTALL)
    assert listed
    known = set(re.findall(r'"(\w+)"', listed[1]))
    assert names("Settings") == known
    assert {row[1] for row in rows("Settings")} == {f"`{kebab(name)}`" for name in known}


def test_every_call_is_written_down_with_its_arguments() -> None:
    found = re.findall(r"^    ([a-z]\w*)\((\w*).*\{(?: .*\})?$", LOADER, re.MULTILINE)
    calls = {name: argument for name, argument in found if name != "constructor"}
    assert len(calls) > 10
    assert names("Calls") == {*calls, "push"}
    written = dict(re.findall(r"^\| `(\w+)\((\w*)\)`", section("Calls"), re.MULTILINE))
    # The tag's "given" is what a page knows as the settings.
    assert written == {**calls, "push": "call", "mount": "settings"}


def test_every_event_is_written_down_with_its_detail() -> None:
    emitted = {
        *re.findall(r'#emit\("(\w+)"', LOADER),
        *re.findall(r'#emit\(isOpen \? "(\w+)" : "(\w+)"', LOADER)[0],
        *re.findall(r'type === "(started|error)"\) this\.#emit\(type', LOADER),
        *re.findall(r'type !== "(message)"\) return;\n +this\.#emit\(type', LOADER),
    }
    # Once for each name, but that "opened" and "closed" share a line and "error" has two.
    assert len(re.findall(r"this\.#emit\(", LOADER)) == len(emitted)
    assert names("Events") == {f"chatsite:{name}" for name in emitted}
    detail = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in rows("Events")}
    assert detail["chatsite:message"] == ["position", "status"]
    assert detail["chatsite:unread"] == ["count"]
    assert detail["chatsite:error"] == ["code"]


def test_every_code_that_keeps_the_chat_hidden_is_written_down() -> None:
    codes = set(re.findall(r'#fail\("(\w+)"', LOADER)) | {"unknown_widget", "origin_not_allowed"}
    assert names("When it does not appear") == codes


@pytest.mark.parametrize("kind", ["close", "error", "message", "started"])
def test_the_panel_says_what_the_loader_listens_to(kind: str) -> None:
    assert f'host.tell("{kind}"' in PANEL


def test_the_policy_is_the_one_that_is_tested_in_the_browser() -> None:
    host = (ROOT / "tests/e2e/host.py").read_text(encoding="utf-8")
    written = re.search(r"^script-src .*$", DOCUMENT, re.MULTILINE)
    assert written
    needed = set(re.findall(r"([a-z]+-src) https://chat\.example\.com", written[0]))
    assert needed == set(re.findall(r"([a-z]+-src) \{site\.url\}", host))
