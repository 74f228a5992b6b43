"""The one renderer of answers, for widget, admin and export: Markdown in, safe HTML out.

An answer is cut into blocks, and each block is rendered by itself, so that a block that is
finished while the answer still streams looks exactly as it will when everything is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
LIST_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
# What may still grow into a list item once more text arrives.
LIST_ITEM_BEGUN = re.compile(r"(?:[-*+]|\d{1,9}[.)]?)?\Z")

BLOCK_CHARACTERS = 4000

# Headings in an answer stand below those of the page around it.
HEADING_SHIFT = 2

TAGS = {
    *("p", "br", "hr", "strong", "em", "del", "a", "blockquote", "code", "pre"),
    *("h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "target"}, "ol": {"start"}}


class Blocks:
    """Cuts growing text into Markdown blocks; never takes back a cut.

    A block ends where a blank line is followed by something that cannot belong to it: not
    indented, not the next item of its list, not inside its fence.
    """

    def __init__(self) -> None:
        self._text = ""  # from the last cut on
        self._line = 0  # where the line under inspection begins
        self._fence = ""
        self._in_list = False
        self._after_blank = False

    @property
    def rest(self) -> str:
        """What lies after the last cut."""
        return self._text

    def feed(self, text: str) -> Iterator[str]:
        """Take more text and yield the blocks that it finishes.

        Joined together, the blocks and ``rest`` are the text that was fed.
        """
        self._text += text
        while (line := self._next_line()) is not None:
            if self._begins_block(line):
                yield self._cut()
            if not line.endswith("\n"):
                return
            self._pass(line)

    def _next_line(self) -> str | None:
        """Return the next line once enough of it is there to judge it."""
        end = self._text.find("\n", self._line) + 1
        if end:
            return self._text[self._line : end]
        line = self._text[self._line :]
        is_open_question = self._in_list and LIST_ITEM_BEGUN.match(line)
        return None if not line or is_open_question or not self._after_blank else line

    def _begins_block(self, line: str) -> bool:
        if not self._after_blank or self._fence or not line.strip() or line[0] in " \t":
            return False
        return self._line > 0 and not (self._in_list and LIST_ITEM.match(line))

    def _cut(self) -> str:
        block, self._text = self._text[: self._line], self._text[self._line :]
        self._line = 0
        self._in_list = self._after_blank = False
        return block

    def _pass(self, line: str) -> None:
        """Go behind a whole line, remembering what it means for the next."""
        fence = FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not line[fence.end() :].strip():
                self._fence = ""
        elif fence:
            self._fence = fence[1]
        elif LIST_ITEM.match(line) and (self._line == 0 or self._in_list or not self._after_blank):
            self._in_list = True
        self._after_blank = not line.strip()
        self._line += len(line)


def render_block(text: str) -> str:
    """Return one block of an answer as sanitised HTML.

    A paragraph that is longer than any honest one is shown as it is: looking for links and
    brackets in it takes time that grows with the square of its length.
    """
    if len(text) > BLOCK_CHARACTERS and not FENCE.match(text):
        return f"<p>{escapeHtml(text)}</p>\n"
    html: str = _markdown.render(text)
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow",
    )


@lru_cache(maxsize=1024)
def render_markdown(text: str) -> str:
    """Return a whole answer as sanitised HTML; the same text gives the same HTML, always."""
    blocks = Blocks()
    finished = [render_block(block) for block in blocks.feed(text)]
    return "".join([*finished, render_block(blocks.rest)])


def _tame(state: StateCore) -> None:
    """Make an answer's tokens fit for a chat: small headings, honest links, no pictures."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_SHIFT)}"
        elif token.type == "inline":
            token.children = list(_tame_inline(token.children or []))


def _tame_inline(tokens: list[Token]) -> Iterator[Token]:
    """Say where a link leads unless its text does, and what a picture shows without fetching it.

    Whoever talks the model into an answer must not lead customers astray with a link's text,
    nor carry data away in a picture's address.
    """
    href = shown = ""
    for token in tokens:
        if token.type == "image":
            yield Token("text", "", 0, content=token.content)
            continue
        if token.type == "link_open":
            href, shown = str(token.attrGet("href")), ""
            token.attrs = {"href": href, "target": "_blank"}
        shown += token.content
        yield token
        if token.type == "link_close" and (host := _host(href)) and host != _host(shown):
            yield Token("text", "", 0, content=f" ({host})")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _markdown_make() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    markdown.enable(["table", "strikethrough", "linkify"])
    if markdown.linkify:
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    markdown.core.ruler.push("tame", _tame)
    return markdown


_markdown = _markdown_make()
