"""What a reply is asked of the model: the rendered prompt, and as much history as fits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import timezone

from conversations.chat import statements
from conversations.chat.leases import Claim
from conversations.chat.mark import has_mark
from conversations.chat.rows import Asked
from conversations.errors import UnknownConversationError
from conversations.masking.mask import Mask
from conversations.models import Author, PromptVersion, Reply
from conversations.prompt_errors import PromptError
from conversations.prompts.content import PromptContent
from conversations.prompts.estimate import tokens_estimate
from conversations.prompts.render import wording_render
from conversations.prompts.sources import Circumstances, values_resolve
from conversations.prompts.wording import Wording
from gateway.engine.types import CacheRule, ChatMessage, ChatRequest, Role, Target
from gateway.selectors import default_route

# Even a budget of a million tokens must not make one turn read a whole life.
HISTORY_MESSAGES = 60
# Long enough for a rush of the same question, short enough for a price that changed meanwhile.
CACHE_SECONDS = 3600.0

HISTORY = statements.history(HISTORY_MESSAGES)

ROLES = {Author.CUSTOMER: Role.USER, Author.ASSISTANT: Role.ASSISTANT}


def history_trim(newest_first: Iterable[ChatMessage], budget_tokens: int) -> list[ChatMessage]:
    """Return the newest messages that fit the budget, oldest first; the newest always stays."""
    kept: list[ChatMessage] = []
    for message in newest_first:
        budget_tokens -= tokens_estimate(message.content)
        if kept and budget_tokens < 0:
            break
        kept.append(message)
    return kept[::-1]


@dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked for a reply.

    Args:
        request: The call; where the widget masks personal data, it holds none.
        mask: What turns the answer back. It is made anew of the conversation's own messages
            for each call, so there is no table of values to protect, to erase or to share.
        may_offer_team: Whether the template lets the model offer the way to a person.
    """

    request: ChatRequest
    mask: Mask
    may_offer_team: bool


def reply_question(claim: Claim) -> Question:
    """Return what answers a claimed reply. A plain function for ``db()``.

    Raises:
        UnknownConversationError: The conversation was erased meanwhile.
        PromptError: The prompt's placeholders cannot be filled.
    """
    asked = statements.reply_asked.first(reply=claim.reply)
    if asked is None:
        raise UnknownConversationError
    version = _version(asked.version, asked.version_published_at)
    mask = Mask() if asked.is_masking else None
    messages = _messages(asked, version, timezone.localtime(), mask)
    scopes = {"widget": str(asked.widget), "customer": str(asked.customer or asked.visitor)}
    request = ChatRequest(
        messages=messages,
        route=_route(version),
        temperature=version.temperature,
        max_output_tokens=version.max_output_tokens,
        deadline_seconds=settings.GATEWAY_DEADLINE_SECONDS,
        labels={
            **scopes,
            "conversation": str(asked.conversation),
            "reply": f"{claim.reply}.{claim.attempt}",
            "prompt_version": str(version.pk),
        },
        scopes=scopes,
        cache=_cache_rule(asked, version),
        forbidden_regions=frozenset(asked.forbidden_regions),
    )
    return Question(request, mask or Mask(), has_mark(messages[0].content))


def messages_digest(messages: Iterable[ChatMessage]) -> str:
    """Return a digest by which the very same messages are known again."""
    written = json.dumps([(message.role, message.content) for message in messages])
    return sha256(written.encode()).hexdigest()


def messages_sent(reply: Reply) -> tuple[ChatMessage, ...] | None:
    """Return the very messages that the model was sent for a reply, made once more.

    None if they cannot be had any more: an earlier answer was tried again since, or something
    that stands in the instructions has another name.
    """
    asked = statements.reply_asked.first(reply=reply.pk)
    if asked is None or reply.started_at is None or not reply.sent_digest:
        return None
    version = _version(asked.version, asked.version_published_at)
    now = timezone.localtime(reply.started_at)
    for mask in (None, Mask()):  # the widget may have masked then and not today
        try:
            messages = _messages(asked, version, now, mask)
        except PromptError:
            return None
        if messages_digest(messages) == reply.sent_digest:
            return messages
    return None


def _messages(
    asked: Asked, version: PromptVersion, now: datetime, mask: Mask | None
) -> tuple[ChatMessage, ...]:
    words = _words(asked, version, now, mask)
    newest_first = _newest_first(asked)
    if mask is not None:
        newest_first = reversed(messages_mask(reversed([*newest_first]), mask))
    return prompt_messages(words, history_trim(newest_first, version.history_tokens))


def messages_mask(oldest_first: Iterable[ChatMessage], mask: Mask) -> list[ChatMessage]:
    """Return the messages without the values in them.

    The oldest goes first, and goes even if it does not fit the budget any more: a value keeps
    its number for as long as the message that brought it is among those that are read.
    """
    return [replace(message, content=mask.mask(message.content)) for message in oldest_first]


def _cache_rule(asked: Asked, version: PromptVersion) -> CacheRule | None:
    """Allow a repeated answer to a first question only: later ones are about what was said."""
    if not version.may_cache or asked.position > 1:
        return None
    # Customers may share an answer with placeholders: each gets it with their own values.
    masked = ":masked" if asked.is_masking else ""
    return CacheRule(f"widget:{asked.widget}:{version.pk}{masked}", CACHE_SECONDS)


def _version(pk: int, published_at: datetime | None) -> PromptVersion:
    if published_at is None:
        return PromptVersion.objects.get(pk=pk)
    return _published(pk, published_at)


@lru_cache(maxsize=128)
def _published(pk: int, _published_at: datetime) -> PromptVersion:
    # What was published never changes, and its text is most of what a turn would read.
    return PromptVersion.objects.get(pk=pk)


def _newest_first(asked: Asked) -> Iterable[ChatMessage]:
    messages = HISTORY.rows(conversation=asked.conversation, position=asked.position)
    return (ChatMessage(ROLES[Author(author)], text) for author, text in messages)


def _words(asked: Asked, version: PromptVersion, now: datetime, mask: Mask | None) -> Wording:
    circumstances = Circumstances(
        language=asked.locale,
        page_url=asked.page_url,
        widget_name=asked.widget_name,
        now=now,
        attributes=_attributes(asked),
        page_attributes=asked.page_attributes,
    )
    values = values_resolve(version.variables, circumstances)
    wording = PromptContent.of(version).wording(asked.locale)
    return wording_render(wording, version.variables, values, mask)


def _attributes(asked: Asked) -> dict[str, Any]:
    """Return what the website vouches for about a signed-in customer."""
    if asked.customer is None:
        return {}
    return {**asked.customer_attributes, "name": asked.customer_name}


def prompt_messages(words: Wording, history: Iterable[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return what the model is told: instructions, examples as turns, and what was said."""
    examples = (
        message
        for example in words.examples
        for message in (
            ChatMessage(Role.USER, example["customer"]),
            ChatMessage(Role.ASSISTANT, example["answer"]),
        )
    )
    return (ChatMessage(Role.SYSTEM, words.instructions), *examples, *history)


def _route(version: PromptVersion) -> tuple[Target, ...]:
    return tuple(Target(provider, model) for provider, model in version.route) or default_route()
