"""Characters that act instead of being read are shown, not obeyed."""

from __future__ import annotations

import re

_PICTURES = 0x2400  # Unicode draws the C0 controls from here on, in order
_PICTURE_OF_DELETE = "\u2421"

# Controls but tab and line feed; marks, embeddings and isolates that turn text around;
# invisible spaces and line ends; tag characters, which smuggle text past human eyes. The
# joiners U+200C and U+200D stay: Persian and emoji need them.
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def text_visible(text: str) -> str:
    """Return the text with each acting character replaced by a picture or name of it."""
    return _ACTING.sub(lambda match: _picture(match[0]), text.replace("\r\n", "\n"))


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:  # noqa: PLR2004  # the C0 controls end where the space begins
        return chr(_PICTURES + code)
    if character == "\x7f":
        return _PICTURE_OF_DELETE
    return f"⟦U+{code:04X}⟧"
