"""Placeholders: literal ``{{name}}``, declared or refused, replaced in one pass.

There is no template language on purpose: editors are no programmers with shell access, and
what a customer typed must never be read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from conversations.masking.mask import Mask
from conversations.prompt_errors import MissingValueError, UnknownPlaceholderError
from conversations.prompts.sources import Variable
from conversations.prompts.variables import value_fill
from conversations.prompts.wording import Wording

# Anything between double braces counts, blanks included: "{{ name }}" is refused by its name
# instead of reaching the model as it stands.
_PLACEHOLDER = re.compile(r"\{\{([^{}\n]*)\}\}")


def wording_render(
    wording: Wording,
    variables: Sequence[Variable],
    values: Mapping[str, str],
    mask: Mask | None = None,
) -> Wording:
    """Return instructions and examples with every placeholder replaced by its value.

    A value stays text: one that holds ``{{other}}`` is not looked into. A value that is empty
    or does not suit its variable's type counts as none, so the variable's default stands in.
    Values nobody declared are ignored.

    Args:
        wording: The words of a prompt version.
        variables: Its declarations.
        values: What is known at run time, by variable name.
        mask: What keeps personal data in values from the model; what editors wrote is public.

    Raises:
        UnknownPlaceholderError: A text names something undeclared.
        MissingValueError: A required variable has neither value nor default.
    """
    for text in wording.texts():
        placeholders_check(text, variables)
    filled = _filled(variables, values)
    if mask is not None:
        wording, filled = _masked(wording, variables, filled, mask)
    return Wording(
        _replace(wording.instructions, filled),
        [
            {side: _replace(text, filled) for side, text in example.items()}
            for example in wording.examples
        ],
    )


def _filled(variables: Sequence[Variable], values: Mapping[str, str]) -> dict[str, str]:
    filled = {
        variable["name"]: value_fill(variable, values.get(variable["name"]))
        for variable in variables
    }
    missing = [
        variable["name"]
        for variable in variables
        if variable.get("required") and not filled[variable["name"]]
    ]
    if missing:
        raise MissingValueError(missing)
    return filled


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


def _masked(
    wording: Wording, variables: Sequence[Variable], filled: Mapping[str, str], mask: Mask
) -> tuple[Wording, dict[str, str]]:
    """Return the words and values as the model may read them."""
    public = Wording(
        mask.publish(wording.instructions),
        [
            {side: mask.publish(text) for side, text in example.items()}
            for example in wording.examples
        ],
    )
    defaults = {
        variable["name"]: (default, mask.publish(default))
        for variable in variables
        if (default := variable.get("default"))
    }
    told = {}
    for name, value in filled.items():
        default, published = defaults.get(name, ("", ""))
        told[name] = published if value == default else mask.mask(value)
    return public, told


def _replace(text: str, filled: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: filled[match[1]], text)
