"""Instructions alone, rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.prompts.render import wording_render
from conversations.prompts.wording import Wording


def prompt_render(
    instructions: str, variables: Sequence[Mapping[str, Any]], values: Mapping[str, str]
) -> str:
    """Return instructions without examples with every placeholder replaced."""
    return wording_render(Wording(instructions), variables, values).instructions
