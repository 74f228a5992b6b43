"""The words around what was found, for a list; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from conversations.finding.query import Query, places_found
from conversations.finding.words import terms_located

BEFORE, AFTER = 40, 120
GAP = "…"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; some of it is what was searched."""

    text: str
    is_hit: bool


def snippet(text: str, query: Query) -> list[Part]:
    """Return the text around its first hit, in parts; its beginning where there is none.

    Args:
        text: A message, as it is stored: whoever shows the parts escapes them.
        query: What is searched.
    """
    text = unicodedata.normalize("NFC", text)
    places = places_found(terms_located(text), query)
    first = places[0][0] if places else 0
    start = _word_start(text, first - BEFORE) if first > BEFORE else 0
    end = start + BEFORE + AFTER
    parts = [
        Part(" ".join(part.text.split("\n")), part.is_hit)
        for part in _cut(text, start, end, places)
    ]
    before = [Part(GAP, is_hit=False)] if start else []
    after = [Part(GAP, is_hit=False)] if end < len(text) else []
    return [*before, *parts, *after]


def _cut(text: str, start: int, end: int, places: list[tuple[int, int]]) -> Iterator[Part]:
    at = start
    for hit_start, hit_end in places:
        if hit_start >= end or hit_end <= start:
            continue
        if at < hit_start:
            yield Part(text[at:hit_start], is_hit=False)
        yield Part(text[hit_start : min(hit_end, end)], is_hit=True)
        at = hit_end
    if at < end and text[at:end]:
        yield Part(text[at:end], is_hit=False)


def _word_start(text: str, at: int) -> int:
    """Return where the next word begins, so that none is shown from its middle."""
    space = text.find(" ", at, at + BEFORE // 2)
    return at if space < 0 else space + 1
