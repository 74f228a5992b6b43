"""About how many tokens a text is; providers count exactly, and only afterwards."""

from __future__ import annotations

import re

# Latin script has about four characters in a token, Chinese about one.
WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")


def tokens_estimate(text: str) -> int:
    """Return about how many tokens a model makes of the text; providers tell exactly later."""
    wide = len(WIDE.findall(text))
    return wide + (len(text) - wide) // 4 + 4
