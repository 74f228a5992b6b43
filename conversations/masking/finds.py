"""Where personal data stands in a text. What is not found, and why, is in docs/privacy.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from conversations.masking.checksums import (
    IBAN_LENGTHS,
    is_card,
    is_chinese_identity,
    is_iban,
)
from conversations.masking.folding import fold
from conversations.masking.placeholders import PLACEHOLDER, Kind


class Find(NamedTuple):
    """A value's place in a text, and what it is."""

    start: int
    end: int
    kind: Kind


# An amount, a decimal and a part of a longer word are no number by themselves.
_ALONE_BEFORE: Final = r"(?<![0-9A-Za-z])(?<![0-9][.,])(?<![$€£¥￥])"
_ALONE_AFTER: Final = r"(?![0-9A-Za-z])(?![.,][0-9])"
_GAP: Final = "[ -]{0,3}"

_LETTER: Final = "A-Za-z0-9\u00c0-\u024f"
_AT: Final = re.compile("@|%40")
_LOCAL: Final = re.compile(rf"[{_LETTER}._%+'-]+")
_LOCAL_CHARACTERS: Final = 64
_DOMAIN: Final = re.compile(
    rf"(?:[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?\.)+"
    r"(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z\u00c0-\u024f]{2,24})(?![A-Za-z0-9])"
)

_DIGITS: Final = re.compile("[0-9]")

_IDENTITY: Final = re.compile(
    rf"{_ALONE_BEFORE}[1-68][0-9]{{5}}{_GAP}[0-9]{{8}}{_GAP}[0-9]{{3}}[0-9Xx](?![0-9A-Za-z])"
)
_IBAN: Final = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}[0-9]{2}(?=(?:[ -]?[0-9A-Za-z]){11})")
_GROUPS: Final = re.compile(r"(?<![0-9A-Za-z])(?<![0-9][.,])[0-9]+(?:[ -]{1,3}[0-9]+)*")
_GROUP: Final = re.compile("[0-9]+")
_WORD: Final = re.compile("[A-Za-z]")
_CARD_DIGITS: Final = range(14, 20)
_CARD_SHAPES: Final = frozenset({(4, 6, 5), (4, 6, 4), (6, 10), (6, 13), (8, 8)})
_FOUR: Final = 4

_MOBILE: Final = re.compile(
    rf"(?:(?<![0-9A-Za-z+])(?:\+|00)86{_GAP}|{_ALONE_BEFORE}(?:86{_GAP})?)"
    rf"1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_ALONE_AFTER}"
)
_BETWEEN: Final = r"(?:[ ./-]?\(|\)[ ./-]?|[ ./-])?"
_INTERNATIONAL: Final = re.compile(
    rf"(?<![0-9A-Za-z+])\+\(?[1-9](?:{_BETWEEN}[0-9]){{6,14}}{_ALONE_AFTER}"
    # 00 also begins order numbers; a telephone number behind it is long.
    rf"|{_ALONE_BEFORE}00[1-9](?:{_BETWEEN}[0-9]){{9,13}}{_ALONE_AFTER}"
)


def finds(text: str) -> list[Find]:
    """Return the values in a text, in their order; none overlaps another."""
    folded = fold(text)
    found = [Find(*match.span(), Kind.TEXT) for match in PLACEHOLDER.finditer(text)]
    for detect in _detectors(folded):
        for find in detect(folded):
            if all(find.end <= other.start or other.end <= find.start for other in found):
                found.append(find)
    return sorted(found)


def _detectors(folded: str) -> Iterator[Callable[[str], Iterator[Find]]]:
    """Yield who may find something, the surest first: where two overlap, the first is right."""
    if _AT.search(folded):
        yield _emails
    digits = len(_DIGITS.findall(folded))
    yield from (detect for least, detect in _BY_DIGITS if digits >= least)


def _emails(folded: str) -> Iterator[Find]:
    for at in _AT.finditer(folded):
        domain = _DOMAIN.match(folded, at.end())
        if domain is None:
            continue
        # From the right: a search to the left of each "@" would read a long text again and again.
        before = folded[max(0, at.start() - _LOCAL_CHARACTERS) : at.start()][::-1]
        run = _LOCAL.match(before)
        local = run[0][::-1].lstrip(".'+%-") if run else ""
        if local:
            yield Find(at.start() - len(local), domain.end(), Kind.EMAIL)


def _ibans(folded: str) -> Iterator[Find]:
    for match in _IBAN.finditer(folded):
        length = IBAN_LENGTHS.get(match[0][:2].upper())
        if length is None:
            continue
        whole = re.compile(rf"[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){{{length - 1}}}(?![0-9A-Za-z])")
        found = whole.match(folded, match.start())
        if found and is_iban(_bare(found[0])):
            yield Find(*found.span(), Kind.IBAN)


def _identities(folded: str) -> Iterator[Find]:
    for match in _IDENTITY.finditer(folded):
        if is_chinese_identity(_bare(match[0])):
            yield Find(*match.span(), Kind.IDENTITY)


def _cards(folded: str) -> Iterator[Find]:
    for match in _GROUPS.finditer(folded):
        if folded[match.end() : match.end() + 1].isalpha() and folded[match.end()].isascii():
            continue
        groups = [(group.start() + match.start(), group[0]) for group in _GROUP.finditer(match[0])]
        yield from _cards_of(groups)


def _cards_of(groups: list[tuple[int, str]]) -> Iterator[Find]:
    """Yield the cards that begin and end with a group: a date may stand before or behind one."""
    for first, (start, _) in enumerate(groups):
        sizes = list(accumulate(len(digits) for _, digits in groups[first : first + 6]))
        for count in range(len(sizes), 0, -1):
            run = groups[first : first + count]
            if sizes[count - 1] in _CARD_DIGITS and _is_card_written(run):
                last, digits = run[-1]
                yield Find(start, last + len(digits), Kind.CARD)


def _is_card_written(run: list[tuple[int, str]]) -> bool:
    shape = tuple(len(digits) for _, digits in run)
    in_fours = all(size == _FOUR for size in shape[:-1]) and shape[-1] <= _FOUR
    if len(shape) > 1 and not in_fours and shape not in _CARD_SHAPES:
        return False
    return is_card("".join(digits for _, digits in run))


def _mobiles(folded: str) -> Iterator[Find]:
    for match in _MOBILE.finditer(folded):
        yield Find(*match.span(), Kind.PHONE)


def _internationals(folded: str) -> Iterator[Find]:
    for match in _INTERNATIONAL.finditer(folded):
        yield Find(*match.span(), Kind.PHONE)


def _bare(written: str) -> str:
    return written.replace(" ", "").replace("-", "")


# The surest first, and with how many digits it has nothing to look for: most messages have few.
_BY_DIGITS: Final = (
    (4, _ibans),
    (17, _identities),
    (14, _cards),
    (11, _mobiles),
    (7, _internationals),
)
