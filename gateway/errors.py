"""What an operator cannot do, each with a code and a sentence that says why.

OperationError
├── AddressError        a provider's address, or its proxy's, is not one we would call
├── SecretError         this cannot be an API key
│   └── DuplicateKeyError
├── LabelTakenError     another key of the provider has this label
└── KeyStateError       the key's state does not allow it, or has just changed
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class OperationError(Exception):
    """The operator asked for something that cannot be done; nothing was changed."""

    code: ClassVar[str] = "operation_error"
    text: ClassVar[str | Promise] = _("That did not work.")

    def __init__(self) -> None:
        super().__init__(self.code)


class AddressError(OperationError):
    """The address is no http address, or it carries a password, which would lie open."""

    code = "address"
    text = _("Enter an address that begins with https:// and has no name or password in it.")


class SecretError(OperationError):
    """An API key has no spaces and no line breaks, and there is something of it."""

    code = "secret"
    text = _("That is not an API key. Copy it again, without spaces or line breaks.")


class DuplicateKeyError(SecretError):
    """The provider has this very key already."""

    code = "duplicate_key"
    text = _("This provider has that key already.")


class LabelTakenError(OperationError):
    """Another key of the provider has this label."""

    code = "label_taken"
    text = _("Another key of this provider has that label. Choose another one.")


class KeyStateError(OperationError):
    """The key's state does not allow it, or somebody else has just changed it."""

    code = "key_state"
    text = _("The key has changed in the meantime. Look at it again.")
