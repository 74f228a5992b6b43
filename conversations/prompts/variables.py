"""What a declared variable may be called, and which values suit its type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from conversations.prompt_errors import InvalidValueError, InvalidVariablesError
from conversations.prompts.sources import BY_ATTRIBUTE, Source, Variable

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


class VariableType(StrEnum):
    """What a variable's value looks like; one without a type is a text."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


def value_fits(variable: Variable, value: str) -> bool:
    """Return whether a value suits the variable's type."""
    match variable.get("type") or VariableType.TEXT:
        case VariableType.NUMBER:
            return _NUMBER.fullmatch(value) is not None
        case VariableType.CHOICE:
            return value in variable.get("choices", ())
    return True


def value_fill(variable: Variable, value: str | None) -> str:
    """Return the value if there is one that fits, else the variable's default, else nothing."""
    if value and value_fits(variable, value):
        return value
    return variable.get("default") or ""


def variables_check(variables: Sequence[Variable]) -> None:
    """Make sure that every variable has a name of its own, and values that suit its type.

    Raises:
        InvalidVariablesError: A name is not made of letters, digits and underscores, begins
            with a digit, or is declared twice.
        InvalidValueError: A type or source is unknown, a choice has nothing to choose from, an
            attribute is not named, or a default or sample does not suit its type.
    """
    names = [str(variable.get("name", "")) for variable in variables]
    faulty = [name for name in names if not name.isidentifier() or names.count(name) > 1]
    if faulty:
        raise InvalidVariablesError(list(dict.fromkeys(faulty)))
    unfit = [variable["name"] for variable in variables if not _is_sound(variable)]
    if unfit:
        raise InvalidValueError(unfit)


def _is_sound(variable: Variable) -> bool:
    if (variable.get("type") or VariableType.TEXT) not in set(VariableType):
        return False
    if variable.get("type") == VariableType.CHOICE and not variable.get("choices"):
        return False
    source = variable.get("source") or Source.FIXED
    if source not in set(Source):
        return False
    if source in BY_ATTRIBUTE and not variable.get("attribute"):
        return False
    given = (variable.get("default"), variable.get("sample"))
    return all(value_fits(variable, value) for value in given if value)
