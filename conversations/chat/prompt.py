"""What a reply is asked of the model: the rendered prompt, and as much history as fits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from conversations.chat.leases import Claim
from conversations.models import Author, Conversation, Message, PromptVersion, Reply
from conversations.prompts.render import prompt_render
from gateway.engine.types import CacheRule, ChatMessage, ChatRequest, Role, Target
from gateway.selectors import default_route

# Even a budget of a million tokens must not make one turn read a whole life.
HISTORY_MESSAGES = 60
# Long enough for a rush of the same question, short enough for a price that changed meanwhile.
CACHE_SECONDS = 3600.0
# Latin script has about four characters in a token, Chinese about one.
WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")

# What a turn needs to know: rows are wide, and every turn reads them.
READ = (
    *("question__position", "question__conversation__locale", "question__conversation__page_url"),
    *("question__conversation__widget__name", "question__conversation__visitor"),
    *("prompt_version__instructions", "prompt_version__variables", "prompt_version__route"),
    *("prompt_version__history_tokens", "prompt_version__temperature"),
    *("prompt_version__max_output_tokens", "prompt_version__may_cache"),
)

ROLES = {Author.CUSTOMER: Role.USER, Author.ASSISTANT: Role.ASSISTANT}


def tokens_estimate(text: str) -> int:
    """Return about how many tokens a model makes of the text; providers tell exactly later."""
    wide = len(WIDE.findall(text))
    return wide + (len(text) - wide) // 4 + 4


def history_trim(newest_first: Iterable[ChatMessage], budget_tokens: int) -> list[ChatMessage]:
    """Return the newest messages that fit the budget, oldest first; the newest always stays."""
    kept: list[ChatMessage] = []
    for message in newest_first:
        budget_tokens -= tokens_estimate(message.content)
        if kept and budget_tokens < 0:
            break
        kept.append(message)
    return kept[::-1]


def reply_request(claim: Claim) -> ChatRequest:
    """Return the call that answers a claimed reply. A plain function for ``db()``.

    Raises:
        ConversationError: The prompt's placeholders cannot be filled.
    """
    reply = (
        Reply.objects.select_related("question__conversation__widget", "prompt_version")
        .only(*READ)
        .get(pk=claim.reply)
    )
    conversation, version = reply.question.conversation, reply.prompt_version
    instructions = prompt_render(version.instructions, version.variables, _values(conversation))
    history = history_trim(_newest_first(reply.question), version.history_tokens)
    scopes = {"widget": str(conversation.widget_id), "customer": str(conversation.visitor)}
    return ChatRequest(
        messages=(ChatMessage(Role.SYSTEM, instructions), *history),
        route=_route(version),
        temperature=version.temperature,
        max_output_tokens=version.max_output_tokens,
        deadline_seconds=settings.GATEWAY_DEADLINE_SECONDS,
        labels={
            **scopes,
            "conversation": str(conversation.pk),
            "reply": f"{claim.reply}.{claim.attempt}",
            "prompt_version": str(version.pk),
        },
        scopes=scopes,
        cache=_cache_rule(conversation, version, history),
    )


def _cache_rule(
    conversation: Conversation, version: PromptVersion, history: list[ChatMessage]
) -> CacheRule | None:
    """Allow a repeated answer to a first question only: later ones are about what was said."""
    if not version.may_cache or len(history) > 1:
        return None
    return CacheRule(f"widget:{conversation.widget_id}:{version.pk}", CACHE_SECONDS)


def _newest_first(question: Message) -> Iterable[ChatMessage]:
    messages = (
        Message.objects.filter(
            conversation=question.conversation_id, position__lte=question.position
        )
        .exclude(text="")
        .order_by("-position")
        .values_list("author", "text")[:HISTORY_MESSAGES]
    )
    return (ChatMessage(ROLES[Author(author)], text) for author, text in messages)


def _values(conversation: Conversation) -> dict[str, str]:
    return {
        "customer_language": conversation.locale,
        "page_url": conversation.page_url,
        "widget_name": conversation.widget.name,
        "today": timezone.localdate().isoformat(),
    }


def _route(version: PromptVersion) -> tuple[Target, ...]:
    return tuple(Target(provider, model) for provider, model in version.route) or default_route()
