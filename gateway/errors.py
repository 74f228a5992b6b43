"""What an operator cannot do, each with a code and a sentence that says why.

OperationError
├── AddressError        a provider's address, or its proxy's, is not one we would call
├── SecretError         this cannot be an API key
│   └── DuplicateKeyError
├── LabelTakenError     another key of the provider has this label
├── TrialFailedError    the key was tried with a real call, and does not serve
└── KeyStateError       the key's state does not allow it, or has just changed
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class OperationError(Exception):
    """The operator asked for something that cannot be done; nothing was changed."""

    code: ClassVar[str] = "operation_error"
    text: str | Promise = _("That did not work.")

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


# By the code of the engine's error; these are our words, never the provider's.
TRIAL_WORDS: Mapping[str, str | Promise] = {
    "bad_credential": _("The provider refused the key. Check that all of it was copied."),
    "quota_spent": _("The provider knows the key, but says that its quota is spent."),
    "throttled": _("The provider knows the key, but asks for fewer calls. Try again in a minute."),
    "model_missing": _("The provider does not have the model “%(model)s” for this key."),
    "invalid_request": _("The provider did not understand the test. Name a model that can chat."),
    "filtered": _("The provider's content filter refused the test. Name another model."),
    "too_long": _("The test does not fit into the model “%(model)s”. Name another model."),
    "overloaded": _("The provider is too busy right now. Try again in a minute."),
    "transient": _("The provider could not be reached. Check its address and the proxy."),
    "stream_broken": _("The provider broke off in the middle of its answer. Try again."),
    "not_a_completion": _("What answers there does not speak chat completions. Check the address."),
    "address_blocked": _("That address may not be called. Is the provider in a private network?"),
    "deadline_exceeded": _("The provider took too long to answer. Try again."),
}


def trial_words(code: str, model: str) -> str:
    """Return what came out of a trial that failed, as operators read it."""
    words = TRIAL_WORDS.get(code, _("The key could not be tested. Try again."))
    return str(words) % {"model": model}


class TrialFailedError(OperationError):
    """The key was tried with a real call, and does not serve; nothing was kept.

    Args:
        error_code: The engine's code for what went wrong.
        model: Which model was asked.
    """

    code = "trial_failed"

    def __init__(self, error_code: str, model: str) -> None:
        super().__init__()
        self.error_code = error_code
        self.text = trial_words(error_code, model)
