"""Placeholders: literal ``{{name}}``, declared or refused, replaced in one pass.

There is no template language on purpose: editors are no programmers with shell access, and
what a customer typed must never be read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conversations.errors import (
    InvalidVariablesError,
    MissingValueError,
    UnknownPlaceholderError,
)

# Anything between double braces counts, blanks included: "{{ name }}" is refused by its name
# instead of reaching the model as it stands.
_PLACEHOLDER = re.compile(r"\{\{([^{}\n]*)\}\}")

Variable = Mapping[str, Any]


def prompt_render(
    instructions: str, variables: Sequence[Variable], values: Mapping[str, str]
) -> str:
    """Return the instructions with every placeholder replaced by its value.

    A value stays text: one that holds ``{{other}}`` is not looked into. An empty value counts
    as none, so the variable's default stands in. Values nobody declared are ignored.

    Args:
        instructions: The text of a prompt version.
        variables: Its declarations, each ``{name, default, sample, required}``.
        values: What is known at run time, by variable name.

    Raises:
        UnknownPlaceholderError: The instructions name something undeclared.
        MissingValueError: A required variable has neither value nor default.
    """
    placeholders_check(instructions, variables)
    filled = {
        variable["name"]: values.get(variable["name"]) or variable.get("default") or ""
        for variable in variables
    }
    missing = [
        variable["name"]
        for variable in variables
        if variable.get("required") and not filled[variable["name"]]
    ]
    if missing:
        raise MissingValueError(missing)
    return _PLACEHOLDER.sub(lambda match: filled[match[1]], instructions)


def placeholders(instructions: str) -> tuple[str, ...]:
    """Return what stands between double braces, each once, in order of appearance."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(instructions)))


def placeholders_check(instructions: str, variables: Sequence[Variable]) -> None:
    """Make sure that every placeholder is declared.

    Raises:
        UnknownPlaceholderError: Some are not; the error lists them.
    """
    declared = {variable["name"] for variable in variables}
    unknown = [name for name in placeholders(instructions) if name not in declared]
    if unknown:
        raise UnknownPlaceholderError(unknown)


def variables_check(variables: Sequence[Variable]) -> None:
    """Make sure that every variable has a usable name of its own.

    Raises:
        InvalidVariablesError: A name is not made of letters, digits and underscores, begins
            with a digit, or is declared twice.
    """
    names = [str(variable.get("name", "")) for variable in variables]
    faulty = [name for name in names if not name.isidentifier() or names.count(name) > 1]
    if faulty:
        raise InvalidVariablesError(list(dict.fromkeys(faulty)))
