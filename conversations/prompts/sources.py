"""Where a variable's value comes from, from circumstances to text: values in, values out."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

# What a website says of a customer goes to the model in full sentences, not in novels.
VALUE_CHARACTERS: Final = 1000

# A declaration, as a version stores it.
Variable = Mapping[str, Any]


class Source(StrEnum):
    """Who fills a variable when a reply begins."""

    FIXED = "fixed"
    CUSTOMER_LANGUAGE = "customer.language"
    CUSTOMER_ATTRIBUTE = "customer.attribute"
    PAGE_ADDRESS = "page.address"
    PAGE_ATTRIBUTE = "page.attribute"
    WIDGET_NAME = "widget.name"
    TODAY = "time.date"
    TIME = "time.clock"
    WEEKDAY = "time.weekday"


# These name what they are filled with.
BY_ATTRIBUTE: Final = frozenset({Source.CUSTOMER_ATTRIBUTE, Source.PAGE_ATTRIBUTE})

# Versions older than sources are final, and were filled by these names.
BY_NAME: Final = {
    "customer_language": Source.CUSTOMER_LANGUAGE,
    "page_url": Source.PAGE_ADDRESS,
    "widget_name": Source.WIDGET_NAME,
    "today": Source.TODAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known when a reply begins.

    Args:
        language: The customer's, as their browser names it; empty if unknown.
        page_url: The page the chat was opened on.
        widget_name: The name in the chat's header.
        now: The moment, in the site's time zone.
        attributes: What the website vouches for about a customer who is signed in.
        page_attributes: What a script in the customer's browser says; nobody vouches for it.
    """

    language: str = ""
    page_url: str = ""
    widget_name: str = ""
    now: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    page_attributes: Mapping[str, Any] = field(default_factory=dict)


def source_of(variable: Variable) -> Source:
    """Return a variable's source; one without is known by its name, else it is fixed."""
    named = variable.get("source")
    return Source(named) if named else BY_NAME.get(str(variable.get("name")), Source.FIXED)


def values_resolve(variables: Iterable[Variable], circumstances: Circumstances) -> dict[str, str]:
    """Return the value of every variable that the circumstances fill, by its name."""
    return {
        variable["name"]: _READ[source](circumstances, variable)[:VALUE_CHARACTERS]
        for variable in variables
        if (source := source_of(variable)) is not Source.FIXED
    }


def _attribute(known: Mapping[str, Any], variable: Variable) -> str:
    value = known.get(str(variable.get("attribute", "")))
    if isinstance(value, bool):  # "yes" is what a sentence needs, not Python's word
        return "yes" if value else "no"
    return str(value) if isinstance(value, (str, int, float)) else ""


_READ: Final[Mapping[Source, Callable[[Circumstances, Variable], str]]] = {
    Source.CUSTOMER_LANGUAGE: lambda known, _: known.language,
    Source.CUSTOMER_ATTRIBUTE: lambda known, variable: _attribute(known.attributes, variable),
    Source.PAGE_ADDRESS: lambda known, _: known.page_url,
    # In one line: whoever makes it up must not have it look like more of the instructions.
    Source.PAGE_ATTRIBUTE: lambda known, variable: " ".join(
        _attribute(known.page_attributes, variable).split()
    ),
    Source.WIDGET_NAME: lambda known, _: known.widget_name,
    Source.TODAY: lambda known, _: known.now.date().isoformat(),
    Source.TIME: lambda known, _: f"{known.now:%H:%M}",
    # Not strftime's: that one speaks the language of the process.
    Source.WEEKDAY: lambda known, _: calendar.day_name[known.now.weekday()],
}
