"""How much of a conversation somebody may see: THE decision, asked by every page; pure.

| | who wrote | what was said | counts, times, models, costs, errors |
|---|---|---|---|
| support staff | yes | yes | yes |
| prompt editors | no | yes | yes |
| gateway operators | no | no | yes |

Each step is a permission of its own, so an owner may give an operator the text, or take the
customer's name from somebody of the support. What one may not see is not asked for, not searched
and not shown in any form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.models import Conversation

METADATA = "conversations.view_conversation"
TEXT = "conversations.read_conversation_text"
IDENTITY = "conversations.view_customer_identity"

HIDDEN = "•••"
# Shorter values, as a plan's "1", stand in every second sentence and tell nobody apart.
SHORTEST = 3
SHORTEST_WIDE = 2  # of a Chinese name


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody may see of conversations.

    Args:
        metadata: That they exist: counts, times, models, costs, errors.
        text: What was said in them, and what staff wrote about it.
        identity: Who the customer is: name, e-mail, id, attributes, the page they were on.
    """

    metadata: bool
    text: bool
    identity: bool


NOTHING = Access(metadata=False, text=False, identity=False)
EVERYTHING = Access(metadata=True, text=True, identity=True)


def access_of(has_permission: Callable[[str], bool]) -> Access:
    """Return what somebody with these permissions may see; without metadata, nothing.

    Args:
        has_permission: Whether they have the permission of this name.
    """
    if not has_permission(METADATA):
        return NOTHING
    return Access(metadata=True, text=has_permission(TEXT), identity=has_permission(IDENTITY))


@dataclass(frozen=True, slots=True)
class Eyes:
    """With which eyes somebody looks at one conversation.

    Args:
        access: What they may see.
        names: What the customer is known by, where it stands in a text; None if they may see it.
    """

    access: Access
    names: re.Pattern[str] | None = None

    def see(self, text: str) -> str:
        """Return what they see of a text: all, all but the customer's names, or nothing."""
        if not self.access.text:
            return ""
        return self.names.sub(HIDDEN, text) if self.names else text


BLIND = Eyes(NOTHING)


def eyes_on(conversation: Conversation, access: Access) -> Eyes:
    """Return with which eyes somebody looks at a conversation; its customer must be at hand."""
    if access.identity or not access.text:
        return Eyes(access)
    return Eyes(access, names_pattern(_known(conversation)))


def names_pattern(values: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds these values in a text as words, capitals aside; None for no values."""
    known = {" ".join(value.split()) for value in values}
    parts = sorted(filter(_tells, known), key=len, reverse=True)
    if not parts:
        return None
    return re.compile("|".join(map(_as_words, parts)), re.IGNORECASE)


def names_hide(conversation: Conversation, text: str) -> str:
    """Return a text without the customer's name, e-mail and id, for whoever may read it.

    What the website says of them besides, as their plan, stays: an answer may hang on it.
    """
    names = names_pattern(_names(conversation))
    return names.sub(HIDDEN, text) if names else text


def _known(conversation: Conversation) -> Iterable[str]:
    yield conversation.page_url
    yield from _leaves(conversation.attributes)
    yield from _names(conversation)
    if customer := conversation.customer:
        yield from _leaves(customer.attributes)


def _names(conversation: Conversation) -> Iterable[str]:
    if customer := conversation.customer:
        yield from (customer.name, *customer.name.split(), customer.email, customer.external_id)


def _leaves(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)


def _tells(value: str) -> bool:
    return len(value) >= (SHORTEST if value.isascii() else SHORTEST_WIDE)


def _as_words(value: str) -> str:
    # Only Latin and the like have edges: a Chinese name stands between other characters.
    pattern = r"\s+".join(map(re.escape, value.split()))
    before = r"(?<!\w)" if value[0].isascii() and value[0].isalnum() else ""
    after = r"(?!\w)" if value[-1].isascii() and value[-1].isalnum() else ""
    return f"{before}{pattern}{after}"
