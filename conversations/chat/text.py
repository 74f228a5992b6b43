"""What text must go through: cleaned once where it comes in, counted as browsers count."""

from __future__ import annotations

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# C0 and C1 but for tab and newline: PostgreSQL refuses NUL, terminals obey the rest.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# It may stand in a prompt: an address has no room for lines of instructions.
PAGE = re.compile(r"https?://\S+\Z", re.IGNORECASE)
PAGE_CHARACTERS = 500
SURROGATE = re.compile("[\ud800-\udfff]")
SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def text_clean(text: str) -> str:
    """Return customers' text as both databases can store it and logs can bear it.

    Line ends become newlines; control characters go, but for newlines and tabs; lone
    surrogates become U+FFFD, since PostgreSQL refuses them; outer white space goes.
    Direction marks stay: some languages need them, and the admin shows them.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return SURROGATE.sub(REPLACEMENT, CONTROL.sub("", text)).strip()


def page_clean(address: str) -> str:
    """Return the address of a page on the web as it is kept, or "": prompts may quote it."""
    address = text_clean(address)[:PAGE_CHARACTERS]
    return address if PAGE.match(address) else ""


def utf16_length(text: str) -> int:
    """Return the length as JavaScript counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


class UpstreamText:
    """Cleans a stream's pieces and joins what upstream has cut inside a surrogate pair."""

    def __init__(self) -> None:
        self._high = ""

    def feed(self, piece: str) -> str:
        """Take a piece and return it clean, holding back a high surrogate at its end."""
        text, self._high = CONTROL.sub("", self._high + piece), ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return _join(text)

    def finish(self) -> str:
        """Return what was held back: half a character is a lost one."""
        held, self._high = self._high, ""
        return _join(held)


def _join(text: str) -> str:
    if not SURROGATE.search(text):
        return text
    joined = SURROGATE_PAIR.sub(
        lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text
    )
    return SURROGATE.sub(REPLACEMENT, joined)
