"""What the embedding page says of a conversation: a few flat facts, believed by nobody. Pure.

They are made by a script in the customer's browser, so they are a hint for staff and never
proof of anything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from conversations.chat.text import text_clean

MOST = 20
VALUE_CHARACTERS = 200
NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}\Z")
# JavaScript counts exactly up to here; more digits than that are better written as a text.
SAFE_INTEGER = 2**53 - 1

Attributes: TypeAlias = dict[str, "str | int | float | bool | None"]


def attributes_read(value: Any) -> Attributes:
    """Return the attributes that can be kept; whatever else was there is dropped.

    A chat must not fail because of what a page says beside it. ``None`` means "forget this one".
    """
    if not isinstance(value, dict):
        return {}
    fit = {
        name: text_clean(item) if isinstance(item, str) else item
        for name, item in value.items()
        if NAME.match(name) and _fits(item)
    }
    return dict(list(fit.items())[:MOST])


def attributes_merge(known: Mapping[str, Any], news: Attributes) -> Attributes:
    """Return what is known after the news: those are added or replaced, or taken off by None."""
    merged = {**known, **news}
    kept = {name: item for name, item in merged.items() if item is not None}
    return dict(list(kept.items())[:MOST])


def _fits(item: Any) -> bool:
    match item:
        case None | bool():
            return True
        case str():
            return len(item) <= VALUE_CHARACTERS
        case int():
            return abs(item) <= SAFE_INTEGER
        case float():
            return math.isfinite(item)
    return False
