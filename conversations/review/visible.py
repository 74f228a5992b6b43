"""Characters that act instead of being read are shown, not obeyed."""

from __future__ import annotations

import re

# Controls but tab and line feed; marks, embeddings and isolates that turn text around;
# invisible spaces and line ends; tag characters, which smuggle text past human eyes. The
# joiners U+200C and U+200D stay: Persian and emoji need them.
ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def text_visible(text: str) -> str:
    """Return the text with each acting character replaced by its name, as in ``⟦U+202E⟧``."""
    return ACTING.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", text.replace("\r\n", "\n"))
