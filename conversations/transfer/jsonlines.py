"""JSON that remembers on which line each value stands, so that a fault can be pointed at."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversations.prompt_errors import DocumentError

Place: TypeAlias = tuple[str | int, ...]

_BLANK = " \t\r\n"
_decoder = json.JSONDecoder()
# How the messages of Python's parser begin, in all its versions, and what they say to an editor.
_WRONG: Final = {
    "Expecting property name": gettext_noop("a name in double quotes is missing"),
    "Expecting ':'": gettext_noop("a colon is missing"),
    "Expecting ','": gettext_noop("a comma is missing"),
    "Expecting value": gettext_noop("a value is missing"),
    "Extra data": gettext_noop("something follows after the end"),
    "Illegal trailing comma": gettext_noop("a comma with nothing after it"),
    "Invalid control character": gettext_noop("a line ends or a tab stands within a text"),
    "Invalid \\": gettext_noop("a backslash before what needs none"),
    "Unterminated string": gettext_noop("a text does not end"),
}


@dataclass(frozen=True, slots=True)
class Located:
    """A value, and the line of everything in it by the keys and positions that lead there."""

    value: Any
    lines: Mapping[Place, int]


@dataclass(slots=True)
class _Walk:
    """One pass over a text that is known to be JSON."""

    text: str
    lines: dict[Place, int] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ends = [at for at, sign in enumerate(self.text) if sign == "\n"]

    def read(self, at: int, place: Place) -> tuple[Any, int]:
        at = self._skip(at)
        self.lines[place] = bisect_right(self.ends, at) + 1
        match self.text[at]:
            case "{":
                return self._object(at + 1, place)
            case "[":
                return self._array(at + 1, place)
        return _decoder.raw_decode(self.text, at)

    def _object(self, at: int, place: Place) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        while self.text[at := self._skip(at)] != "}":
            at = self._skip(at + 1) if self.text[at] == "," else at
            key, after = _decoder.raw_decode(self.text, at)
            if key in found:
                raise DocumentError(
                    bisect_right(self.ends, at) + 1, _("“%(key)s” stands twice") % {"key": key}
                )
            # Past the colon, which is all that stands between a key and its value.
            found[key], at = self.read(self._skip(after) + 1, (*place, key))
        return found, at + 1

    def _array(self, at: int, place: Place) -> tuple[list[Any], int]:
        found: list[Any] = []
        while self.text[at := self._skip(at)] != "]":
            at = at + 1 if self.text[at] == "," else at
            value, at = self.read(at, (*place, len(found)))
            found.append(value)
        return found, at + 1

    def _skip(self, at: int) -> int:
        while self.text[at] in _BLANK:
            at += 1
        return at


def json_read(text: str) -> Located:
    """Return what a text in JSON says, with the line of each part.

    Raises:
        DocumentError: It is no JSON, or a key stands twice in one object.
    """
    try:
        json.loads(text, parse_constant=_refuse)
        walk = _Walk(text)
        value, _end = walk.read(0, ())
    except json.JSONDecodeError as error:
        raise DocumentError(error.lineno, _what_is_wrong(error)) from error
    except RecursionError as error:
        raise DocumentError(1, _("too deep")) from error
    return Located(value, walk.lines)


def _what_is_wrong(error: json.JSONDecodeError) -> str:
    known = [words for beginning, words in _WRONG.items() if error.msg.startswith(beginning)]
    return _(known[0]) if known else _("this is no JSON")


def _refuse(name: str) -> None:
    raise DocumentError(1, _("%(name)s is no JSON") % {"name": name})
