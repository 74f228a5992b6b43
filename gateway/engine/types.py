"""The values that go into the engine and come out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TypeAlias


class Role(StrEnum):
    """Who speaks in a chat message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Priority(IntEnum):
    """Who goes first when calls must wait; the lower number wins."""

    CHAT = 0
    BATCH = 10


class FinishReason(StrEnum):
    """Why a model stopped speaking, in our words whatever the provider's were."""

    STOP = "stop"
    LENGTH = "length"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt, as every dialect understands it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Target:
    """A model at a provider, by the names the operator gave them."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class CacheRule:
    """Permission to answer a request from memory.

    Args:
        scope: Whose answers may be shared: only requests of the same scope ever meet.
        ttl_seconds: How long an answer stays good.
    """

    scope: str
    ttl_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """Everything one call needs to know.

    Args:
        messages: The prompt, oldest first.
        route: Targets in order of preference; the next is tried only before the first chunk.
        temperature: 0 to 2, or None for the provider's own default.
        max_output_tokens: Upper bound of the answer, or None for the provider's own.
        priority: Chat goes before batch whenever calls must wait.
        deadline_seconds: One deadline over queueing, attempts, waits and streaming.
        labels: Opaque names (widget, conversation, reply, ...) that telemetry carries along.
        scopes: Whom our own limits and budgets count this call for, by kind: ``widget``,
            ``customer``, ``address``. Provider, model and key are added by the engine.
        cache: None, the default, neither reads nor fills the cache.
        forbidden_regions: Where nothing may be sent. As soon as one is forbidden, so are providers
            whose region nobody knows.
    """

    messages: tuple[ChatMessage, ...]
    route: tuple[Target, ...]
    temperature: float | None = None
    max_output_tokens: int | None = None
    priority: Priority = Priority.CHAT
    deadline_seconds: float = 60.0
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    scopes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cache: CacheRule | None = None
    forbidden_regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them."""

    prompt_tokens: int
    completion_tokens: int

    @property
    def total_tokens(self) -> int:
        """What limits and budgets count."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Started:
    """The first chunk of every stream: from here on nothing is retried silently."""

    target: Target
    key_label: str
    attempts: int


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last chunk of every successful stream."""

    reason: FinishReason
    usage: Usage | None


Chunk: TypeAlias = Started | TextDelta | Finished


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer at once."""

    text: str
    target: Target
    reason: FinishReason
    usage: Usage | None


def completion_of(chunks: Sequence[Chunk]) -> Completion:
    """Return the whole answer that a complete stream of chunks amounts to."""
    started, *deltas, finished = chunks
    if not isinstance(started, Started) or not isinstance(finished, Finished):
        raise TypeError("a stream begins with Started and ends with Finished")
    text = "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))
    return Completion(text, started.target, finished.reason, finished.usage)


def texts_join(pieces: list[TextDelta | Finished]) -> list[TextDelta | Finished]:
    """Return pieces that came together with one text instead of many."""
    texts = [piece.text for piece in pieces if isinstance(piece, TextDelta)]
    ends = (piece for piece in pieces if isinstance(piece, Finished))
    return [TextDelta("".join(texts)), *ends] if len(texts) > 1 else pieces
