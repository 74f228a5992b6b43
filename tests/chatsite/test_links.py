"""Whoever follows a link in the documents arrives, and no page or picture is beside the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatsite.settings import BASE_DIR

READ_ON = BASE_DIR / "README.md"
PAGES = [*sorted(BASE_DIR.glob("*.md")), *sorted(BASE_DIR.glob("docs/*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return where in a page one may link to, as GitHub names its headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for words in headings}


def targets(page: Path) -> set[Path]:
    """Return the files that a page leads to or shows."""
    return {(page.parent / path).resolve() for path, _anchor in LINK.findall(prose(page)) if path}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_arrives(page: Path) -> None:
    for path, anchor in LINK.findall(prose(page)):
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_the_readme_leads_to_every_page() -> None:
    assert set(BASE_DIR.glob("docs/*.md")) - targets(READ_ON) == set()


def test_every_picture_is_shown_somewhere() -> None:
    shown = set[Path]().union(*map(targets, PAGES))
    assert set(BASE_DIR.glob("docs/images/*")) - shown == set()
