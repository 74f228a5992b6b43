"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is."""

    FINE = "ok"
    DOUBTFUL = "warning"
    WRONG = "wrong"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is so.

    Args:
        grade: How bad it is.
        words: A sentence for people, without secrets.
        remedy: What to do about it.
    """

    grade: Grade
    words: str
    remedy: str = ""


def fine(words: str) -> Finding:
    """Return that all is well."""
    return Finding(Grade.FINE, words)


def doubtful(words: str, remedy: str = "") -> Finding:
    """Return that something may be meant so, or will hurt later."""
    return Finding(Grade.DOUBTFUL, words, remedy)


def wrong(words: str, remedy: str = "") -> Finding:
    """Return that customers or staff suffer from something."""
    return Finding(Grade.WRONG, words, remedy)
