"""Regions as operators name them at their providers: short codes such as eu, us or cn."""

from __future__ import annotations

import re
from typing import Any, Final

_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,15}")


def is_region(code: Any) -> bool:
    """Return whether this is a code as a provider may have one."""
    return isinstance(code, str) and _CODE.fullmatch(code) is not None


def regions_are_fit(regions: Any) -> bool:
    """Return whether a widget can forbid these."""
    return isinstance(regions, list) and all(map(is_region, regions))
