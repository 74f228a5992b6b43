"""What stands for a value: ``[EMAIL-1]``, a kind and a number between brackets.

The form is plain ASCII, which every model copies; the word says what the value is, so that the
model can speak of it; and it holds no letter that Markdown escapes, as an underscore would be.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What was found; ``TEXT`` is what looked like a placeholder and was none."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CARD = "CARD"
    IBAN = "IBAN"
    IDENTITY = "ID"
    TEXT = "TEXT"


# Models change the case now and then; whatever is turned back must be escaped, so both go by this.
PLACEHOLDER: Final = re.compile(rf"\[(?:{'|'.join(Kind)})-[0-9]{{1,6}}\]", re.IGNORECASE | re.ASCII)


def placeholder(kind: Kind, number: int) -> str:
    """Return the placeholder of a kind's first, second, third value."""
    return f"[{kind}-{number}]"
