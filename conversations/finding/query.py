"""What somebody searches for, as phrases of terms; nothing they type is syntax to a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conversations.finding.words import Located, is_dense, terms_of

MOST_CHARACTERS = 200
MOST_PHRASES = 8
# Shorter beginnings fit half of all words.
SHORTEST_BEGINNING = 3

_PIECES = re.compile(r'["“”„]([^"“”„]+)["“”„]|[「『]([^」』]+)[」』]|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that follow each other; of the last one perhaps only the beginning is known."""

    terms: tuple[str, ...]
    is_beginning: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What a conversation must hold: every phrase, wherever it stands."""

    phrases: tuple[Phrase, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.phrases)


def query_parse(text: str) -> Query:
    """Return what a person means by what they typed.

    Words may stand in any order, and longer words than those typed are found, too; what stands
    in quotation marks is found as it is written, accents and capitals aside.
    """
    phrases = (_phrase(words, is_quoted=quoted) for words, quoted in _pieces(text))
    return Query(tuple(dict.fromkeys(filter(None, phrases)))[:MOST_PHRASES])


def as_fts5(query: Query) -> str:
    """Return what finds messages with some of the query in SQLite's FTS5; terms are strings."""
    return " OR ".join(
        '"{}"{}'.format(" ".join(phrase.terms).replace('"', ""), " *" * phrase.is_beginning)
        for phrase in query.phrases
    )


def as_needles(query: Query) -> tuple[str, ...]:
    """Return what stands in a message's terms, with a space around each, if some of it fits."""
    return tuple(
        " {}{}".format(" ".join(phrase.terms), "" if phrase.is_beginning else " ")
        for phrase in query.phrases
    )


def as_tsquery(query: Query) -> str:
    """Return the ``tsquery`` that finds such messages in PostgreSQL; terms are quoted lexemes."""
    return " | ".join(f"({_as_tsphrase(phrase)})" for phrase in query.phrases)


def places_found(located: Sequence[Located], query: Query) -> list[tuple[int, int]]:
    """Return from where to where in a text something of the query stands, in order, merged.

    Args:
        located: The text's terms.
        query: What is searched.
    """
    spans = sorted(
        (located[first].start, located[first + len(phrase.terms) - 1].end)
        for phrase in query.phrases
        for first in range(len(located) - len(phrase.terms) + 1)
        if _is_at(located, first, phrase)
    )
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    for piece in _PIECES.finditer(text[:MOST_CHARACTERS]):
        quoted = piece[1] or piece[2]
        yield (quoted or piece[3]), bool(quoted)


def _phrase(words: str, *, is_quoted: bool) -> Phrase | None:
    terms = terms_of(words)
    if len(terms) > 1 and is_dense(terms[-2]) and terms[-2][1:] == terms[-1]:
        terms.pop()  # the last pair holds it, and the text may go on
    if not terms:
        return None
    last = terms[-1]
    is_lone = len(last) == 1 and is_dense(last)
    is_beginning = not is_quoted and not is_dense(last) and len(last) >= SHORTEST_BEGINNING
    return Phrase(tuple(terms), is_lone or is_beginning)


def _as_tsphrase(phrase: Phrase) -> str:
    lexemes = [_as_lexeme(term) for term in phrase.terms]
    return " <-> ".join(lexemes) + ":*" * phrase.is_beginning


def _as_lexeme(term: str) -> str:
    return "'{}'".format(term.replace("\\", "\\\\").replace("'", "''"))


def _is_at(located: Sequence[Located], first: int, phrase: Phrase) -> bool:
    *before, last = phrase.terms
    if any(located[first + number].term != term for number, term in enumerate(before)):
        return False
    found = located[first + len(before)].term
    return found.startswith(last) if phrase.is_beginning else found == last
