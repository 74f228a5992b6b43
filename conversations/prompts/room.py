"""Whether a model can take what a version sends, as far as its room is known.

No provider says how much its models take. Whoever runs the site may: for all models of a provider
in the admin, for one model in ``MODEL_CONTEXT_TOKENS``, which counts for more. Of all others
nothing is known, and nothing is said. Tokens are estimates, so what is tight
is only warned of; a version is refused where its words alone leave no model room for an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from conversations.prompt_errors import PromptTooLongError
from conversations.prompts.content import PromptContent
from conversations.prompts.estimate import tokens_estimate
from gateway.engine.types import Target
from gateway.selectors import context_sizes, default_route


@dataclass(frozen=True, slots=True)
class Room:
    """What a model takes, and what a version asks of it; all of it in tokens.

    Args:
        model: The model's name.
        size: How much it takes, its own answer included.
        words: The instructions and examples of the longest language.
        most: These with a full history and the longest answer.
    """

    model: str
    size: int
    words: int
    most: int

    @property
    def is_tight(self) -> bool:
        """Whether long conversations, or long answers, do not fit."""
        return self.most > self.size

    @property
    def is_full(self) -> bool:
        """Whether no answer fits at all."""
        return self.words >= self.size


def content_route(content: PromptContent) -> tuple[Target, ...]:
    """Return where a body's calls go."""
    return tuple(Target(provider, model) for provider, model in content.route) or default_route()


def content_rooms(content: PromptContent) -> list[Room | None]:
    """Return the room of each model that a body's calls may go to; None where it is not known."""
    words = max(sum(map(tokens_estimate, wording.texts())) for wording in content.wordings())
    most = words + content.history_tokens + content.max_output_tokens
    route = content_route(content)
    sizes = context_sizes({target.provider for target in route})
    sizes_named = settings.MODEL_CONTEXT_TOKENS
    found = [sizes_named.get(target.model, sizes.get(target.provider)) for target in route]
    return [
        Room(target.model, size, words, most) if size else None
        for target, size in zip(route, found, strict=True)
    ]


def rooms_tight(content: PromptContent) -> list[Room]:
    """Return the room of each model that a body may be too long for."""
    return [room for room in content_rooms(content) if room and room.is_tight]


def room_check(content: PromptContent) -> None:
    """Make sure that at least one of its models may be able to answer.

    Raises:
        PromptTooLongError: Each of them is known to be too small.
    """
    rooms = content_rooms(content)
    full = [room for room in rooms if room and room.is_full]
    if full and len(full) == len(rooms):
        largest = max(full, key=lambda room: room.size)
        raise PromptTooLongError(largest.model, size=largest.size, words=largest.words)
