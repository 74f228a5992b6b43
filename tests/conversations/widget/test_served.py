"""What comes later is lent what the panel has, and brings along only what is its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytest_django import Settings

from conversations.widget import served
from conversations.widget.scripts import BundleError, Script, script_panel, source_read
from conversations.widget.served import LENT, script_aside, script_team

NODE = shutil.which("node")
# Each name that is lent, in a module that stands for the panel, and what is made with them.
TRIED = """
import make from "./script.mjs";
const asked = new Proxy({}, { get: (_, name) => { names.push(name); } });
const names = [];
globalThis.document = { querySelector: () => null };
try { make({ island: {} }, asked); } catch { /* there is no page here */ }
console.log(JSON.stringify(names));
"""


def test_the_panel_lends_what_the_site_takes_for_lent() -> None:
    found = re.search(r"export const LENT = \{ (.+) \};", source_read("later.js"))
    assert found
    assert sorted(found[1].split(", ")) == sorted(LENT.values())


@pytest.mark.parametrize("script", [partial(script_aside, "en"), partial(script_team, "en")])
def test_nothing_that_is_lent_is_sent_again(script: Callable[[], Script]) -> None:
    for words in ("getRandomValues", "DateTimeFormat(", "innerHTML", "(\\w+)"):
        assert words not in script().source.decode().replace("Intl.DateTimeFormat()", "")
    assert b"getRandomValues" in script_panel().source


@pytest.mark.skipif(NODE is None, reason="node is not installed: the script cannot be run")
def test_it_takes_each_thing_that_is_lent(tmp_path: Path) -> None:
    assert NODE is not None
    (tmp_path / "script.mjs").write_bytes(script_team("en").source)
    (tmp_path / "tried.mjs").write_text(TRIED)
    run = subprocess.run([NODE, "tried.mjs"], cwd=tmp_path, capture_output=True, text=True)  # noqa: S603, PLW1510 - our own file
    assert sorted(json.loads(run.stdout)) == sorted(LENT.values())


def test_what_is_not_lent_is_refused(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.DEBUG = True  # so that it is put together anew
    monkeypatch.setattr(served, "LENT", {**LENT, "dom.js": "clipboardWrite"})
    with pytest.raises(BundleError, match=r"team\.js needs element, which"):
        script_team("en")
