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
│   ├── MessageConflictError  the same id came with other text
│   └── MessageKeptElsewhereError  it is stored already, in another history of this browser
├── TeamError                 the message for the team cannot be taken; nothing was stored
│   ├── NoWayToTeamError      this widget offers none
│   ├── InvalidAnswerAddressError  nobody could answer to it
│   └── ManyOpenError         the team has enough of them to answer
├── IdentityError
│   ├── InvalidTokenError     forged, expired, revoked, or made for another widget
│   └── UnverifiedError       who is signed in is not proved; developers read `hint`
│       ├── IdentityExpiredError      the website's word, or our session, is too old
│       ├── IdentityInvalidError      it is not signed by the website, or says nonsense
│       ├── IdentityNotYetValidError  it comes from the future: a clock is wrong
│       └── IdentityRequiredError     this widget talks to signed-in customers alone
├── NotFoundError             no such thing, or not this visitor's: the two look alike
│   ├── UnknownWidgetError
│   ├── UnknownConversationError
│   └── UnknownReplyError
├── TooManyError              over a limit; says when to come back
│   └── TooManySocketsError
├── HeldError                 it must be kept for now; nothing was erased
├── NotSavedError             the database could not take it now; send it again
├── PromptError               for editors: prompt_errors.py, schedule_errors.py, case_errors.py
└── …                         for all staff: staff_errors.py
"""

from __future__ import annotations

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


class MessageKeptElsewhereError(MessageError):
    """The same browser's message is in another history: somebody signed in or out meanwhile."""

    code = "kept_elsewhere"
    text = _("Your message had been sent already. It is in the chat you had before.")


class TeamError(ConversationError):
    """The message for the team cannot be taken; nothing was stored."""

    code = "team_error"


class NoWayToTeamError(TeamError):
    """The widget does not offer to leave a message, or not any more."""

    code = "no_way_to_team"
    text = _("Messages for our team cannot be left here right now.")


class InvalidAnswerAddressError(TeamError):
    """Nobody could answer to this e-mail address."""

    code = "invalid_answer_address"
    text = _("Please check your e-mail address: our team answers there.")


class ManyOpenError(TeamError):
    """As many messages of this customer as anybody needs wait for the team already."""

    code = "many_open"
    text = _("Our team has your messages already and will answer them first.")


class IdentityError(ConversationError):
    """It is not clear who speaks."""

    code = "identity_error"


class InvalidTokenError(IdentityError):
    """The visitor's token is forged, expired, revoked, or made for another widget."""

    code = "invalid_token"
    text = _("Your chat has expired. A new one starts now.")


class UnverifiedError(IdentityError):
    """Who is signed in at the website is not proved.

    Args:
        hint: What the website's developer should put right, in English and without secrets.
    """

    code = "unverified"

    def __init__(self, hint: str = "") -> None:
        super().__init__()
        self.hint = hint


class IdentityExpiredError(UnverifiedError):
    """The website's word is too old, or the session that came of it is over."""

    code = "identity_expired"
    text = _("Your sign-in has run out. Please sign in again.")


class IdentityInvalidError(UnverifiedError):
    """The website has not signed this, or it says what no customer can be."""

    code = "identity_invalid"
    text = _("We could not see who you are. Please sign in again.")


class IdentityNotYetValidError(UnverifiedError):
    """The website's word comes from the future: its clock is ahead of ours."""

    code = "identity_not_yet_valid"
    text = _("We could not see who you are. Please try again in a moment.")


class IdentityRequiredError(UnverifiedError):
    """The widget talks to signed-in customers alone."""

    code = "identity_required"
    text = _("Please sign in on this website to chat with us.")


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


class HeldError(ConversationError):
    """A hold stands on the conversation or its customer, so it is not erased.

    It is said to the customer as it is: a chat that only vanished from sight would be a lie.
    """

    code = "held"
    text = _(
        "This chat cannot be deleted right now: the people who run this site have to keep it for "
        "a while. Nothing was deleted. They can tell you more."
    )


class NotSavedError(ConversationError):
    """The database could not take it now; sending it again is safe."""

    code = "not_saved"
    text = _("We could not save that just now. Please try again.")
