"""The words and signs of a script, as far as shortening it must know them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

# A slash begins a regular expression only where no value stands before it.
_TOKEN: Final = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<template>`(?:\\.|[^`\\])*`)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<regex>(?<=[(,=:\[!&|?{};\n\s])/(?![*/ ])
        (?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
    |(?P<space>\s+)
    |(?P<word>[\w$\#]+)
    |(?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


_WORD_PART: Final = re.compile(r"#?[\w$]+")


class Token(NamedTuple):
    """One word, sign, string, template or regular expression.

    Args:
        kind: ``word``, ``sign``, ``string``, ``template`` or ``regex``.
        text: As it stands in the script.
        gap: What of the white space and comments before it matters: a line's end, a space, or
            nothing.
    """

    kind: str
    text: str
    gap: str


def script_tokens(source: str) -> Iterator[Token]:
    """Yield the script's tokens in order."""
    gap = ""
    for match in _TOKEN.finditer(source):
        kind = str(match.lastgroup)
        if kind in {"space", "comment"}:
            gap = "\n" if "\n" in gap + match[0] else " "
        else:
            yield Token(kind, match[0], gap)
            gap = ""


def words_in(template: str) -> Iterator[str]:
    """Yield whatever in a template may be a name."""
    yield from _WORD_PART.findall(template)
