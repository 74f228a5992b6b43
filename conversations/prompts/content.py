"""What a prompt version says and how it is asked: the part an editor writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.models import PromptVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContent:
    """The body of a version, apart from who wrote it and when.

    Args:
        instructions: Text with literal ``{{name}}`` placeholders.
        variables: Declarations, each ``{name, default, sample, required}``.
        route: Pairs of provider and model in order of preference; empty for the site's default.
        temperature: From 0 to 2, or None for the provider's own.
        max_output_tokens: The longest answer.
        history_tokens: How much of the conversation is sent along.
        may_cache: Whether an answer may be given again to whoever asks the same.
    """

    instructions: str
    variables: Sequence[Mapping[str, Any]] = ()
    route: Sequence[Sequence[str]] = ()
    temperature: float | None = None
    max_output_tokens: int = 800
    history_tokens: int = 3000
    may_cache: bool = False

    @classmethod
    def of(cls, version: PromptVersion) -> PromptContent:
        """Return what this version says."""
        return cls(
            instructions=version.instructions,
            variables=version.variables,
            route=version.route,
            temperature=version.temperature,
            max_output_tokens=version.max_output_tokens,
            history_tokens=version.history_tokens,
            may_cache=version.may_cache,
        )

    def as_fields(self) -> dict[str, Any]:
        """Return the body as a version's columns."""
        return {
            "instructions": self.instructions,
            "variables": [dict(variable) for variable in self.variables],
            "route": [list(hop) for hop in self.route],
            "temperature": self.temperature,
            "max_output_tokens": self.max_output_tokens,
            "history_tokens": self.history_tokens,
            "may_cache": self.may_cache,
        }
