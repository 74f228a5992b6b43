"""What a website says of its customer, checked field by field. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from conversations.errors import IdentityInvalidError
from conversations.models.customer import (
    EMAIL_CHARACTERS,
    EXTERNAL_ID_CHARACTERS,
    NAME_CHARACTERS,
)

ATTRIBUTES = 20
ATTRIBUTE_CHARACTERS = 200
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}\Z")
# What no name needs: controls, line ends, halves of characters. They would let a value pose as
# lines of a prompt, and PostgreSQL refuses some of them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

Attributes: TypeAlias = dict[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Claims:
    """A customer in the website's words; None where it says nothing.

    Args:
        subject: The customer's id at the website.
        name: How staff may call them.
        email: As the website knows it.
        attributes: Whatever else is worth knowing, flat and small.
    """

    subject: str
    name: str | None = None
    email: str | None = None
    attributes: Attributes | None = field(default=None)


def claims_read(payload: Mapping[str, Any]) -> Claims:
    """Return what a token's payload says of the customer.

    Raises:
        IdentityInvalidError: A field is missing, of the wrong kind, or too large; the hint
            names it.
    """
    return Claims(
        subject=_subject(payload.get("sub")),
        name=_text(payload, "name", NAME_CHARACTERS),
        email=_text(payload, "email", EMAIL_CHARACTERS),
        attributes=_attributes(payload.get("attributes")),
    )


def _subject(value: Any) -> str:
    is_id = isinstance(value, str) and value.strip() and not _CONTROL.search(value)
    if not is_id or len(value) > EXTERNAL_ID_CHARACTERS:
        raise IdentityInvalidError(
            '"sub" must be the customer\'s id as a string of 1 to '
            f"{EXTERNAL_ID_CHARACTERS} characters."
        )
    return str(value)


def _text(payload: Mapping[str, Any], name: str, max_characters: int) -> str | None:
    value = payload.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > max_characters:
        raise IdentityInvalidError(
            f'"{name}" must be a string of {max_characters} characters at the most.'
        )
    return _line(value)


def _attributes(value: Any) -> Attributes | None:
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > ATTRIBUTES:
        raise IdentityInvalidError(
            f'"attributes" must be an object with {ATTRIBUTES} entries at the most.'
        )
    return {_attribute_name(name): _attribute(name, item) for name, item in value.items()}


def _attribute_name(name: str) -> str:
    if not _ATTRIBUTE_NAME.match(name):
        raise IdentityInvalidError(
            "A name in \"attributes\" must be a letter and then letters, digits or '_', "
            "40 characters at the most."
        )
    return name


def _attribute(name: str, value: Any) -> str | int | float | bool:
    if isinstance(value, str) and len(value) <= ATTRIBUTE_CHARACTERS:
        return _line(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and math.isfinite(value) and abs(value) < 2**53:
        return value
    raise IdentityInvalidError(
        f'"attributes.{name}" must be a number, true, false, or a string of '
        f"{ATTRIBUTE_CHARACTERS} characters at the most."
    )


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
