"""One conversation as the customer saw it, with how each answer came to be beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from conversations.markdown import render_markdown
from conversations.models import Author, Conversation, Message, Reply
from conversations.review.visible import text_visible
from gateway.selectors import CallSummary, calls_for_conversation


@dataclass(frozen=True, slots=True)
class Turn:
    """A message with its words made fit for a page.

    Args:
        message: As stored.
        html: Its words: an answer as Markdown, a customer's as plain text; nothing in it acts.
        reply: How the answer came to be; None for a customer's message.
        calls: The gateway's calls for it, oldest first.
    """

    message: Message
    html: SafeString
    reply: Reply | None
    calls: Sequence[CallSummary]

    @property
    def is_customer(self) -> bool:
        """Whether the customer said it."""
        return self.message.author == Author.CUSTOMER


def transcript_read(conversation: Conversation) -> list[Turn]:
    """Return the conversation's turns in order, by a number of queries that never grows."""
    messages = conversation.messages.order_by("position").select_related(
        "reply__prompt_version__template"
    )
    calls: dict[str, list[CallSummary]] = defaultdict(list)
    for call in calls_for_conversation(str(conversation.pk)):
        # The label is the reply's, a dot, and the attempt's number.
        calls[call.reply.partition(".")[0]].append(call)
    return [
        Turn(
            message=message,
            html=_html(message),
            reply=getattr(message, "reply", None),
            calls=calls.get(str(message.pk), ()),
        )
        for message in messages
    ]


def _html(message: Message) -> SafeString:
    words = text_visible(message.text)
    if message.author == Author.CUSTOMER:
        return escape(words)
    return mark_safe(render_markdown(words))  # noqa: S308  # the renderer's promise is safe HTML
