"""Text to terms, the same for what is stored and for what is searched; pure.

A term is a word of a script that puts spaces between words: in lower case, without accents,
of compatibility forms (NFKD) put together again. Scripts without spaces, as Chinese, give their
overlapping pairs, and the last character of a run by itself: 退款吗 is 退款, 款吗, 吗. So a word
of two characters is one term, a longer one is a phrase of terms, and a single character is the
beginning of some term wherever it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

# What comes after these is not found: PostgreSQL counts positions to 16,383, and keeps at the
# most a megabyte of terms for a message.
MOST_CHARACTERS = 100_000
MOST_TERMS = 16_000
LONGEST_WORD = 40

# Han with its marks, kana, Hangul (particles cling to its words), Thai, Lao, Burmese, Khmer.
_DENSE = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u1100-\u11ff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
)
_PARTS = re.compile(f"[{_DENSE}]+|[^{_DENSE}]+")
_DENSE_TERM = re.compile(f"[{_DENSE}]+")
# は and ば differ by a mark, and so do their meanings: these are no accents.
_KANA_MARKS = "\u3099\u309a"


class _Folds(dict[int, str]):
    """What becomes of each character, learned when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _character_fold(chr(code))
        return folded


def _character_fold(character: str) -> str:
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = (part for part in parts if part in _KANA_MARKS or not unicodedata.combining(part))
    words = (part if unicodedata.category(part)[0] in "LNM" else " " for part in kept)
    return unicodedata.normalize("NFC", "".join(words))


_FOLDS = _Folds()


@dataclass(frozen=True, slots=True)
class Located:
    """A term, and from where to where it stands in its text."""

    term: str
    start: int
    end: int


def terms_of(text: str) -> list[str]:
    """Return a text's terms in order, each as often as it comes."""
    folded = unicodedata.normalize("NFC", text[:MOST_CHARACTERS]).translate(_FOLDS)
    return list(islice((term for term, _, _ in _terms(folded[:MOST_CHARACTERS])), MOST_TERMS))


def terms_located(text: str) -> list[Located]:
    """Return a text's terms as ``terms_of`` does, with where they stand.

    Args:
        text: In NFC, for places are counted in what is given.
    """
    folded = [_FOLDS[ord(character)] for character in text]
    # Where each character of the folded text comes from.
    origin = [place for place, part in enumerate(folded) for _ in part]
    terms = islice(_terms("".join(folded)), MOST_TERMS)
    return [Located(term, origin[start], origin[end - 1] + 1) for term, start, end in terms]


def is_dense(term: str) -> bool:
    """Whether a term is of a script that puts no spaces between words."""
    return bool(_DENSE_TERM.fullmatch(term))


def _terms(folded: str) -> Iterator[tuple[str, int, int]]:
    for word in re.finditer(r"\S+", folded):
        for part in _PARTS.finditer(word[0]):
            start = word.start() + part.start()
            if _DENSE_TERM.match(part[0]):
                for place in range(len(part[0])):
                    pair = part[0][place : place + 2]
                    yield pair, start + place, start + place + len(pair)
            else:
                yield part[0][:LONGEST_WORD], start, start + len(part[0])
