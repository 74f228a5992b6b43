"""What staff cannot do as they asked, beside prompts; they read ``text``.

ConversationError
├── EmptyNoteError            a note without words
├── EmptyReasonError          something would be held back without saying why
├── SavedViewError            a choice of conversations cannot be kept; nothing was stored
└── SigningSecretError        a widget's secret cannot be added or retired
    ├── TooManySecretsError   two are valid already
    └── SecretRetiredError    it is retired already
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.errors import ConversationError


class EmptyNoteError(ConversationError):
    """Nothing is left of a note once its spaces are gone."""

    code = "empty_note"
    text = _("The note is empty.")


class EmptyReasonError(ConversationError):
    """Nothing is left of a hold's reason once its spaces are gone."""

    code = "empty_reason"
    text = _("Say why, so that others know when the hold may be lifted.")


class SavedViewError(ConversationError):
    """A view chooses nothing, or its owner has too many."""

    code = "saved_view"
    text = _("Choose something first: a view is a search or a filter under a name.")


class SigningSecretError(ConversationError):
    """A widget's signing secret cannot be added or retired."""

    code = "signing_secret"


class TooManySecretsError(SigningSecretError):
    """As many secrets are valid as are needed to change from one to the next."""

    code = "too_many_secrets"
    text = _("Two secrets are valid already. Retire the old one first.")


class SecretRetiredError(SigningSecretError):
    """The secret is retired already; somebody else may have been quicker."""

    code = "secret_retired"
    text = _("This secret is retired already.")
