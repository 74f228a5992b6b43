"""What can go wrong in a conversation, each with a code and a sentence fit for customers.

ConversationError
├── ProtocolError             the frame makes no sense
│   ├── InvalidFrameError
│   ├── UnknownFrameError
│   ├── HelloExpectedError
│   └── UnsupportedProtocolError
├── MessageError              the message cannot be taken; nothing was stored
│   ├── EmptyMessageError
│   ├── MessageTooLongError
│   └── MessageConflictError  the same id came with other text
├── IdentityError
│   └── InvalidTokenError     forged, expired, or made for another widget
├── NotFoundError             no such thing, or not this visitor's: the two look alike
│   ├── UnknownWidgetError
│   ├── UnknownConversationError
│   └── UnknownReplyError
├── TooManyError              over a limit; says when to come back
│   └── TooManySocketsError
├── NotSavedError             the database could not take it now; send it again
└── PromptError               a prompt cannot be used, saved or moved; editors read `explanation`
    ├── UnknownPlaceholderError   the instructions name what nobody declared
    ├── MissingValueError         a required variable has neither value nor default
    ├── InvalidVariablesError     a variable's name is no name, or stands there twice
    ├── DraftConflictError        somebody else changed the draft in between
    ├── PublishConflictError      somebody else published or changed it in between
    ├── LiveMovedError            somebody else moved the live pointer in between
    ├── UnpublishedVersionError   a draft cannot be gone back to
    └── PublishedVersionError     a published prompt never changes
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ConversationError(Exception):
    """Something went wrong that the customer can be told of.

    Args:
        retry_after: Seconds after which another try makes sense, if that is known.
    """

    code: ClassVar[str] = "error"
    text: ClassVar[str | Promise] = _("Something went wrong on our side. Please try again.")

    def __init__(self, *, retry_after: float | None = None) -> None:
        super().__init__(self.code)
        self.retry_after = retry_after


class ProtocolError(ConversationError):
    """The frame makes no sense; a well-made client never sees this."""

    code = "protocol_error"
    text = _("The chat got out of step. Please reload the page.")


class InvalidFrameError(ProtocolError):
    """Not JSON, not an object, or a field is missing or of the wrong kind."""

    code = "invalid_frame"


class UnknownFrameError(ProtocolError):
    """The frame's type is not in the protocol."""

    code = "unknown_frame"


class HelloExpectedError(ProtocolError):
    """The first frame must say who speaks."""

    code = "hello_expected"


class UnsupportedProtocolError(ProtocolError):
    """The client speaks a version of the protocol that the site does not."""

    code = "unsupported_protocol"


class MessageError(ConversationError):
    """The message cannot be taken; nothing was stored."""

    code = "message_error"


class EmptyMessageError(MessageError):
    """Nothing is left of the message once spaces and control characters are gone."""

    code = "empty_message"
    text = _("The message is empty.")


class MessageTooLongError(MessageError):
    """The message is longer than the widget takes."""

    code = "message_too_long"
    text = _("That message is too long. Please send it in parts.")


class MessageConflictError(MessageError):
    """The same id came before with other text."""

    code = "message_conflict"
    text = _("That message was sent before with other words. Please send it again.")


class IdentityError(ConversationError):
    """It is not clear who speaks."""

    code = "identity_error"


class InvalidTokenError(IdentityError):
    """The visitor's token is forged, expired, or made for another widget."""

    code = "invalid_token"
    text = _("Your chat has expired. A new one starts now.")


class NotFoundError(ConversationError):
    """There is no such thing, or it is not this visitor's: the two look alike."""

    code = "not_found"


class UnknownWidgetError(NotFoundError):
    """No active widget has this public key."""

    code = "unknown_widget"
    text = _("This chat is not available.")


class UnknownConversationError(NotFoundError):
    """No conversation of this visitor has this id."""

    code = "unknown_conversation"
    text = _("That conversation is not available here.")


class UnknownReplyError(NotFoundError):
    """No reply of this conversation stands at this position."""

    code = "unknown_reply"
    text = _("That answer is not available here.")


class TooManyError(ConversationError):
    """Over a limit of ours; the conversation stays."""

    code = "too_many"
    text = _("That was a lot at once. Please wait a moment.")


class TooManySocketsError(TooManyError):
    """The address has too many sockets open; this one closes."""


class NotSavedError(ConversationError):
    """The database could not take it now; sending it again is safe."""

    code = "not_saved"
    text = _("We could not save that just now. Please try again.")


class PromptError(ConversationError):
    """A prompt cannot be used, saved or moved.

    Customers read ``text`` as ever; ``explanation`` is for the people who write prompts.
    """

    code = "prompt_error"
    explanation: str | Promise = _("That did not work. Please try again.")


class UnknownPlaceholderError(PromptError):
    """The instructions hold placeholders that no variable declares.

    Args:
        names: What stands between the braces, in order of appearance.
    """

    code = "unknown_placeholder"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _("No variable is declared for %(placeholders)s.") % {
            "placeholders": ", ".join(f"{{{{{name}}}}}" for name in self.names)
        }


class MissingValueError(PromptError):
    """Required variables have neither a value nor a default.

    Args:
        names: The variables' names, in order of declaration.
    """

    code = "missing_value"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _("There is neither a value nor a default for %(names)s.") % {
            "names": ", ".join(self.names)
        }


class InvalidVariablesError(PromptError):
    """Variables' names are no names, or stand there twice.

    Args:
        names: The names at fault.
    """

    code = "invalid_variables"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _(
            "Each variable needs a name of its own, of letters, digits and underscores: %(names)s."
        ) % {"names": ", ".join(name or "—" for name in self.names)}


class DraftConflictError(PromptError):
    """Somebody else changed the draft since this person opened it; nothing was saved."""

    code = "draft_conflict"
    explanation = _("Somebody else changed this template while you were writing.")


class PublishConflictError(PromptError):
    """Somebody else published or changed the draft since this person looked at it."""

    code = "publish_conflict"
    explanation = _(
        "Somebody else published or changed this draft a moment ago. Please look at it again."
    )


class LiveMovedError(PromptError):
    """Somebody else moved the live pointer since this person looked at it."""

    code = "live_moved"
    explanation = _("Somebody else changed what is live a moment ago. Please look at it again.")


class UnpublishedVersionError(PromptError):
    """Only a published version of the same template can go live again."""

    code = "unpublished_version"
    explanation = _("Only a published version of this template can go live again.")


class PublishedVersionError(PromptError):
    """A published prompt version never changes and is never deleted."""

    code = "published_version"
    explanation = _("A published version cannot be changed. Edit the draft instead.")
