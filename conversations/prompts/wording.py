"""The words of a version in one language, and which language a customer gets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conversations.prompt_errors import InvalidExamplesError, InvalidLanguageError

EXAMPLES_MAX: Final = 20
EXAMPLE_CHARACTERS: Final = 4000

# BCP 47 in lower case, as browsers' tags arrive: a language, then script or region.
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
# Browsers name a region where the words differ by script.
_SCRIPTS: Final = {
    "zh-cn": "zh-hans",
    "zh-sg": "zh-hans",
    "zh": "zh-hans",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What the bot is told, and how it is shown to answer.

    Args:
        instructions: Text with literal ``{{name}}`` placeholders.
        examples: Pairs ``{customer, answer}``, with placeholders as well.
    """

    instructions: str
    examples: Sequence[Mapping[str, str]] = ()

    def texts(self) -> Iterator[str]:
        """Yield every text in which a placeholder may stand."""
        yield self.instructions
        for example in self.examples:
            yield example["customer"]
            yield example["answer"]


def wording_pick(
    main: Wording, translations: Mapping[str, Mapping[str, Any]], locale: str
) -> Wording:
    """Return the words in the customer's language; the main ones if there are none.

    A translation speaks with its own examples alone: an answer in another language would pull
    the bot back into it.

    Args:
        main: The words that always exist.
        translations: By language, each ``{instructions, examples}``.
        locale: As the browser names it, in any case; empty if unknown.
    """
    language = language_pick(translations, locale)
    if language is None:
        return main
    words = translations[language]
    return Wording(words["instructions"], words.get("examples", ()))


def language_pick(languages: Collection[str], wanted: str) -> str | None:
    """Return the language nearest to the wanted one, from the exact to the general, or None."""
    tag = wanted.lower().replace("_", "-")
    while tag:
        for candidate in (tag, _SCRIPTS.get(tag, tag)):
            if candidate in languages:
                return candidate
        tag, _, _ = tag.rpartition("-")
    return None


def examples_check(examples: Sequence[Mapping[str, Any]]) -> None:
    """Make sure that each example has both sides, and that they are few and short.

    Raises:
        InvalidExamplesError: One has not, or there are too many, or one is too long.
    """
    if len(examples) > EXAMPLES_MAX:
        raise InvalidExamplesError
    for example in examples:
        sides = (example.get("customer"), example.get("answer"))
        if not all(isinstance(side, str) and side.strip() for side in sides):
            raise InvalidExamplesError
        if any(len(side) > EXAMPLE_CHARACTERS for side in sides if side):
            raise InvalidExamplesError


def languages_check(translations: Mapping[str, Mapping[str, Any]]) -> None:
    """Make sure that each translation is in a language and says something.

    Raises:
        InvalidLanguageError: A key is no language's tag in lower case, or has no instructions.
    """
    faulty = [
        language
        for language, words in translations.items()
        if not _TAG.fullmatch(language) or not str(words.get("instructions", "")).strip()
    ]
    if faulty:
        raise InvalidLanguageError(faulty)
