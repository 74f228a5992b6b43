"""Everything the widget's scripts say, translated by the server; placeholders are ``{name}``."""

from __future__ import annotations

from django.utils.translation import gettext as _

from conversations.errors import IdentityRequiredError


def launcher_texts(name: str) -> dict[str, str]:
    """Return what the launcher on the host's page says."""
    return {
        "open": _("Open chat"),
        "close": _("Close chat"),
        "unread": _("Open chat, new answers: {count}"),
        "title": _("Chat with {name}").replace("{name}", name),
        "away": _("This chat is not available right now."),
        "again": _("Try again"),
    }


def panel_texts() -> dict[str, str]:
    """Return what the panel says once its page stands."""
    return {
        "you": _("You"),
        "assistant": _("AI assistant"),
        "connecting": _("Connecting …"),
        "offline": _("You are offline"),
        "closed": _("Not available"),
        "reconnecting": _("Connection lost. Reconnecting …"),
        "offlineNotice": _("You are offline. What you write is kept and sent once you are back."),
        "stale": _("This chat has been updated. Reload to go on; nothing is lost."),
        "reload": _("Reload"),
        "signIn": _("For signed-in customers"),
        "signInFirst": str(IdentityRequiredError.text),
        "gone": _("This chat is not available right now."),
        "wrongAddress": _("This chat was opened at an address it does not know."),
        "thinking": _("Thinking …"),
        "stillThinking": _("Still working on your answer …"),
        "queued": _("Next in line …"),
        "stopped": _("Stopped"),
        "interrupted": _("The answer broke off."),
        "failed": _("That did not work."),
        "tryAgain": _("Try again"),
        "sending": _("Sending …"),
        "waiting": _("Waits to be sent"),
        "notSent": _("Not sent"),
        "edit": _("Edit"),
        "holding": _("That was a lot at once. Sending again in {seconds} s."),
        "tooLong": _("Too long by {count} characters"),
        "tooLarge": _("That message is too large to send. Please send it in parts."),
        "left": _("{count} characters left"),
        "announced": _("AI assistant: {text}"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "dayTime": _("{day}, {time}"),
        "erased": _("The conversation was deleted, with everything that was said in it."),
        "away": _("That did not work. Please try again once you are online."),
        "copied": _("Copied"),
    }


def aside_texts() -> dict[str, str]:
    """Return what is said in the panel so seldom that it comes with a script of its own."""
    return {
        "joinQuestion": _("You wrote to us before signing in. Add that chat to your account?"),
        "joinYes": _("Yes, add it"),
        "joinNo": _("No"),
    }


def team_texts() -> dict[str, str]:
    """Return what the form and the lines around it say, in the active language."""
    return {
        "leave": _("Leave a message for our team"),
        "offer": _("Would you like a person to answer? Leave our team a message."),
        "intro": _("They read this conversation and answer you by e-mail."),
        "name": _("Your name (optional)"),
        "email": _("Your e-mail address"),
        "text": _("What is it about?"),
        "send": _("Send to our team"),
        "sending": _("Sending …"),
        "cancel": _("Cancel"),
        "needsEmail": _("Please check your e-mail address: our team answers there."),
        "needsText": _("Please say what it is about."),
        "away": _("That did not work; what you wrote is still here. Please try again."),
        "asked": _("Our team has your message ({time}) and will write to {email}."),
        "closed": _("Our team has seen to your message ({time})."),
    }
