"""What editors are told of a prompt that may be too long for its models."""

from __future__ import annotations

from django.utils.translation import gettext as _

from conversations.prompts.content import PromptContent
from conversations.prompts.room import rooms_tight


def room_warnings(content: PromptContent) -> list[str]:
    """Return a sentence for each model that a body may be too long for."""
    return [
        _(
            "With a full history and the longest answer this is about %(most)d tokens, and "
            "%(model)s takes %(size)d: shorten it, or lower the history budget."
        )
        % {"model": room.model, "size": room.size, "most": room.most}
        for room in rooms_tight(content)
    ]
