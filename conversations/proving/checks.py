"""What must be true of an answer: one function for each kind of check, values in, verdict out.

The judge's verdict is another matter: see ``judge.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from conversations.case_errors import InvalidCheckError
from conversations.proving.languages import LANGUAGES, language_of
from conversations.proving.patterns import (
    PATTERN_CHARACTERS,
    SlowPatternError,
    pattern_fault,
    pattern_search,
)
from conversations.proving.words import is_refusal, text_contains, words_count

MAX_CHECKS: Final = 20
MAX_CHARACTERS: Final = 2000
MAX_WORDS: Final = 10_000


class CheckKind(TextChoices):
    """What is looked at."""

    CONTAINS = "contains", _("contains")
    LACKS = "lacks", _("does not contain")
    MATCHES = "matches", _("matches the expression")
    LANGUAGE = "language", _("is in the language")
    MOST_WORDS = "most_words", _("has at most so many words")
    REFUSES = "refuses", _("refuses")
    JUDGED = "judged", _("is judged by the model")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of an answer.

    Args:
        is_passed: Only a clear yes passes.
        note: What was found, a number or a language; of a judge, the reason.
        is_unclear: No verdict came: the expression took too long, the judge was no judge.
    """

    is_passed: bool
    note: str = ""
    is_unclear: bool = False


Check = Mapping[str, Any]
Search = Callable[[str, str], bool]


def checks_validate(checks: Sequence[Check]) -> None:
    """Make sure that every check can be answered with yes or no.

    Raises:
        InvalidCheckError: There is none, or one makes no sense; the error says which and why.
    """
    if not checks:
        raise InvalidCheckError(_("A case needs at least one check."))
    if len(checks) > MAX_CHECKS:
        raise InvalidCheckError(_("Twenty checks are enough for one case."))
    for check in checks:
        check_validate(check)


def check_validate(check: Check) -> None:
    """Make sure that a check makes sense.

    Raises:
        InvalidCheckError: It does not, for a reason that the error tells.
    """
    kind, text = check.get("kind"), str(check.get("text", "")).strip()
    if kind not in CheckKind.values:
        raise InvalidCheckError(_("Nobody knows this kind of check."))
    if len(text) > MAX_CHARACTERS:
        raise InvalidCheckError(_("2000 characters are enough for one check."))
    if kind == CheckKind.REFUSES:
        return
    if not text:
        raise InvalidCheckError(_("The check does not say what to look for."))
    if kind == CheckKind.LANGUAGE and text not in LANGUAGES:
        raise InvalidCheckError(
            _("Languages that can be told: %(codes)s.") % {"codes": ", ".join(LANGUAGES)}
        )
    if kind == CheckKind.MOST_WORDS and not (text.isdecimal() and 0 < int(text) <= MAX_WORDS):
        raise InvalidCheckError(_("Write a number of words, from 1 to 10000."))
    if kind == CheckKind.MATCHES:
        _pattern_validate(text)


def check_answer(check: Check, answer: str, *, search: Search = pattern_search) -> Verdict | None:
    """Return what a check says of an answer, or None if a judge must say it.

    Args:
        check: ``{kind, text}``, valid.
        answer: Markdown, as the model wrote it. An empty answer passes nothing.
        search: How an expression is looked for; it may block for a second.
    """
    kind, text = CheckKind(check["kind"]), str(check.get("text", "")).strip()
    if kind is CheckKind.JUDGED:
        return None
    if not answer.strip():
        return Verdict(is_passed=False)
    if kind is CheckKind.MATCHES:
        return _matches(text, answer, search)
    return _LOOK[kind](answer, text)


def _language(answer: str, text: str) -> Verdict:
    found = language_of(answer)
    return Verdict(found == text, found)


def _most_words(answer: str, text: str) -> Verdict:
    count = words_count(answer)
    return Verdict(count <= int(text), str(count))


_LOOK: Final[Mapping[CheckKind, Callable[[str, str], Verdict]]] = {
    CheckKind.CONTAINS: lambda answer, text: Verdict(text_contains(answer, text)),
    CheckKind.LACKS: lambda answer, text: Verdict(not text_contains(answer, text)),
    CheckKind.LANGUAGE: _language,
    CheckKind.MOST_WORDS: _most_words,
    CheckKind.REFUSES: lambda answer, _text: Verdict(is_refusal(answer)),
}


def _matches(pattern: str, answer: str, search: Search) -> Verdict:
    try:
        return Verdict(search(pattern, answer))
    except SlowPatternError:
        return Verdict(is_passed=False, is_unclear=True)


def _pattern_validate(pattern: str) -> None:
    if len(pattern) > PATTERN_CHARACTERS:
        raise InvalidCheckError(_("An expression has 300 characters at the most."))
    if fault := pattern_fault(pattern):
        raise InvalidCheckError(_("The expression makes no sense: %(fault)s.") % {"fault": fault})
