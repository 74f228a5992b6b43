"""Scripts and styles without what only people need: comments, indentation, spaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from string import ascii_lowercase, digits

from conversations.widget.tokens import Token, script_tokens

_INDENT = re.compile(r"\n\s+")
_WORD = re.compile(r"[\w$#]")
# Between these a line's end may stand for a semicolon, so it stays.
_ENDS = frozenset(")]}\"'`")
_BEGINS = frozenset("{[(`\"'#")

# What ends something need not stand before what ends more. An empty statement must be a block.
_IDLE = {"}": (";", ","), ")": (",",), "]": (",",)}

_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLE_SPACE = re.compile(r"(?:;?\s*)(})\s*|\s*([{;>])\s*|([:,])\s+|\s+")


_VARIABLE = re.compile(r"--chatsite-[a-z-]+")

Rename = Callable[[Sequence[Token]], list[str]]


def _as_it_is(tokens: Sequence[Token]) -> list[str]:
    """Return the text of each token as it is."""
    return [token.text for token in tokens]


def script_compact(source: str, rename: Rename = _as_it_is) -> str:
    """Return a script that does the same, without comments and needless white space.

    Every string stays as it is; lines of a template lose their indentation. A template must not
    hold another one, and what does nothing must be written as a block.

    Args:
        source: A whole script.
        rename: Returns the text of each token, as ``names_shorten`` does.
    """
    tokens = list(script_tokens(source))
    kept: list[str] = []
    for token, text in zip(tokens, rename(tokens), strict=True):
        if kept and kept[-1] in _IDLE.get(text, ()):
            kept.pop()
        elif kept and token.gap:
            kept.append(_gap_needed(kept[-1][-1], token.gap, text[0]))
        kept.append(_token_compact(token.kind, text))
    return "".join(kept) + "\n"


def _token_compact(kind: str, text: str) -> str:
    if kind == "template":
        return _INDENT.sub("\n", text)
    return text.replace("_", "") if text[0].isdigit() else text  # the digits' groups


def _gap_needed(before: str, gap: str, after: str) -> str:
    is_word_before, is_word_after = _WORD.match(before), _WORD.match(after)
    if gap == "\n" and (is_word_before or before in _ENDS) and (is_word_after or after in _BEGINS):
        return "\n"
    is_one_word = is_word_before and is_word_after
    return " " if is_one_word or (before in "+-" and before == after) else ""


def style_compact(source: str) -> str:
    """Return a style sheet that means the same, without comments and needless white space.

    The space before a colon stays, for it may mean "anywhere inside"; those around a plus or a
    minus do, for sums need them.
    """
    return _STYLE_SPACE.sub(
        lambda match: match[1] or match[2] or match[3] or " ", _STYLE_COMMENT.sub("", source)
    ).strip()


def variables_short(style: str) -> dict[str, str]:
    """Return a short name for each of a sheet's own variables, the shortest for the most used."""
    named = Counter(_VARIABLE.findall(style)).most_common()
    names = (f"--{sign}{digit}" for digit in ("", *digits) for sign in ascii_lowercase)
    return {name: short for (name, _), short in zip(named, names, strict=False)}


def variables_shorten(style: str, short: Mapping[str, str]) -> str:
    """Return a sheet with short names for its own variables.

    Raises:
        KeyError: A variable has none.
    """
    return _VARIABLE.sub(lambda match: short[match[0]], style)
