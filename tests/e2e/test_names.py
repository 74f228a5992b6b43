"""No name that a browser knows is taken for one of the scripts' own."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from chatsite import settings
from conversations.widget.names import BROWSER, KEYWORDS
from conversations.widget.tokens import script_tokens

SOURCES: Path = settings.BASE_DIR / "static/widget"
# Everything that stands in the global scope.
KNOWN_SCRIPT = """
() => {
  const globals = new Set();
  for (let at = window; at; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) globals.add(name);
  }
  return [...globals];
}
"""


@pytest.fixture
def words() -> set[str]:
    sources = [path.read_text(encoding="utf-8") for path in SOURCES.glob("*.js")]
    return {
        token.text for source in sources for token in script_tokens(source) if token.kind == "word"
    }


def test_every_global_name_among_the_scripts_words_is_kept(page: Page, words: set[str]) -> None:
    known = page.evaluate(KNOWN_SCRIPT)
    assert words & set(known) <= BROWSER | KEYWORDS
