"""Everything the widget's scripts say, translated by the server; placeholders are ``{name}``."""

from __future__ import annotations

from django.utils.translation import gettext as _


def launcher_texts(name: str) -> dict[str, str]:
    """Return what the launcher on the host's page says."""
    return {
        "open": _("Open chat"),
        "close": _("Close chat"),
        "unread": _("Open chat, new answers: {count}"),
        "title": _("Chat with {name}").replace("{name}", name),
    }


def panel_texts() -> dict[str, str]:
    """Return what the panel says once its page stands."""
    return {
        "you": _("You"),
        "assistant": _("AI assistant"),
        "answersAtOnce": _("Answers at once"),
        "connecting": _("Connecting …"),
        "offline": _("You are offline"),
        "closed": _("Not available"),
        "reconnecting": _("Connection lost. Reconnecting …"),
        "offlineNotice": _("You are offline. What you write is kept and sent once you are back."),
        "stale": _("This chat has been updated. Reload to go on; nothing is lost."),
        "reload": _("Reload"),
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
    }
