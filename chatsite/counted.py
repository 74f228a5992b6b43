"""Numbers in a terminal, with the word that goes with each."""

from __future__ import annotations


def counted(number: int, one: str, more: str) -> str:
    """Return a number with its word: ``1 key``, ``2 keys``."""
    return f"{number} {one if number == 1 else more}"
