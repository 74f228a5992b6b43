"""What a prompt version says and how it is asked: the part an editor writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any

from conversations.models import PromptVersion
from conversations.prompts.render import placeholders_check
from conversations.prompts.sources import Variable
from conversations.prompts.variables import variables_check
from conversations.prompts.wording import Wording, examples_check, languages_check, wording_pick


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContent:
    """The body of a version, apart from who wrote it and when.

    Args:
        instructions: Text with literal ``{{name}}`` placeholders.
        examples: Pairs ``{customer, answer}``, sent as turns before the conversation's own.
        translations: The same two in other languages, by language:
            ``{instructions, examples}``.
        variables: Declarations, each ``{name, type, choices, source, attribute, default,
            sample, required}``; all but the name may be missing.
        route: Pairs of provider and model in order of preference; empty for the site's default.
        temperature: From 0 to 2, or None for the provider's own.
        max_output_tokens: The longest answer.
        history_tokens: How much of the conversation is sent along.
        may_cache: Whether an answer may be given again to whoever asks the same.
    """

    instructions: str
    examples: Sequence[Mapping[str, str]] = ()
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variables: Sequence[Variable] = ()
    route: Sequence[Sequence[str]] = ()
    temperature: float | None = None
    max_output_tokens: int = 800
    history_tokens: int = 3000
    may_cache: bool = False

    @classmethod
    def of(cls, version: PromptVersion) -> PromptContent:
        """Return what this version says."""
        return cls(**{column.name: getattr(version, column.name) for column in fields(cls)})

    def as_fields(self) -> dict[str, Any]:
        """Return the body as a version's columns, a copy of its own."""
        return {
            **{column.name: deepcopy(getattr(self, column.name)) for column in fields(self)},
            "examples": [dict(example) for example in self.examples],
            "translations": {
                language: {
                    "instructions": words["instructions"],
                    "examples": [dict(example) for example in words.get("examples", ())],
                }
                for language, words in self.translations.items()
            },
            "variables": [dict(variable) for variable in self.variables],
            "route": [list(hop) for hop in self.route],
        }

    def wording(self, locale: str = "") -> Wording:
        """Return the words for a customer of this language; the main ones if there are none."""
        main = Wording(self.instructions, self.examples)
        return wording_pick(main, self.translations, locale)

    def wordings(self) -> Iterator[Wording]:
        """Yield the words in every language, the main one first."""
        yield Wording(self.instructions, self.examples)
        yield from (self.wording(language) for language in self.translations)


def content_check(content: PromptContent) -> None:
    """Make sure that a body can be spoken from.

    Raises:
        PromptError: A variable, an example, a language or a placeholder is at fault.
    """
    variables_check(content.variables)
    languages_check(content.translations)
    for wording in content.wordings():
        examples_check(wording.examples)
        for text in wording.texts():
            placeholders_check(text, content.variables)
