"""One way to write digits, spaces and dashes, letter by letter, so that places stay the same."""

from __future__ import annotations

from typing import Final

# Full-width, Arabic-Indic, Persian, Devanagari, Bengali, Thai.
_ZEROS: Final = (0xFF10, 0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)
# Among them what nobody sees: zero-width spaces and joiners, and the soft hyphen.
_SPACES: Final = (
    "\u00a0\u00ad\u2002\u2003\u2007\u2008\u2009\u200b\u200c\u200d\u202f\u2060\u3000\ufeff"
)
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_FOLDED: Final = {
    **_WIDE,
    **{zero + digit: ord("0") + digit for zero in _ZEROS for digit in range(10)},
    **dict.fromkeys(map(ord, _SPACES), ord(" ")),
    **dict.fromkeys(map(ord, _DASHES), ord("-")),
}


def fold(text: str) -> str:
    """Return the text as long as before, with ASCII for all that only looks different."""
    return text if text.isascii() else text.translate(_FOLDED)
