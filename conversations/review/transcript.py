"""One conversation as the customer saw it, with how each answer came to be beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from conversations.markdown import render_markdown
from conversations.models import Author, Conversation, Message, PromptCase, Reply, Verdict
from conversations.review.access import Eyes
from conversations.review.visible import text_visible
from gateway.selectors import CallSummary, calls_for_conversation


@dataclass(frozen=True, slots=True)
class Turn:
    """A message with its words made fit for a page.

    Args:
        message: As stored.
        html: Its words: an answer as Markdown, a customer's as plain text; nothing in it acts.
        is_hidden: Whether there are words, and the reader may not see them.
        reply: How the answer came to be; None for a customer's message.
        calls: The gateway's calls for it, oldest first.
    """

    message: Message
    html: SafeString
    is_hidden: bool
    reply: Reply | None
    calls: Sequence[CallSummary]

    @property
    def verdict(self) -> Verdict | None:
        """What staff think of the answer."""
        return getattr(self.reply, "verdict", None)

    @property
    def case(self) -> PromptCase | None:
        """The test case that was made of the answer."""
        return next(iter(self.reply.cases.all()), None) if self.reply else None

    @property
    def is_customer(self) -> bool:
        """Whether the customer said it."""
        return self.message.author == Author.CUSTOMER


def transcript_read(
    conversation: Conversation, eyes: Eyes, since_revision: int | None = None
) -> list[Turn]:
    """Return the conversation's turns in order, by a number of queries that never grows.

    Args:
        conversation: The conversation.
        eyes: What its reader may see of it.
        since_revision: Only what has changed since; None for everything.
    """
    messages = (
        conversation.messages.order_by("position")
        .select_related(
            "reply__prompt_version__template", "reply__rating", "reply__verdict__judged_by"
        )
        .prefetch_related("reply__cases")
    )
    if since_revision is not None:
        messages = messages.filter(revision__gt=since_revision)
    calls: dict[str, list[CallSummary]] = defaultdict(list)
    for call in calls_for_conversation(str(conversation.pk)):
        # The label is the reply's, a dot, and the attempt's number.
        calls[call.reply.partition(".")[0]].append(call)
    return [
        Turn(
            message=message,
            html=_html(message, eyes),
            is_hidden=bool(message.text) and not eyes.access.text,
            reply=getattr(message, "reply", None),
            calls=calls.get(str(message.pk), ()),
        )
        for message in messages
    ]


def answer_html(text: str) -> SafeString:
    """Return a model's words as a page may show them: Markdown, in which nothing acts."""
    return mark_safe(render_markdown(text_visible(text)))  # noqa: S308  # the renderer's promise is safe HTML


def _html(message: Message, eyes: Eyes) -> SafeString:
    text = eyes.see(message.text)
    if message.author == Author.CUSTOMER:
        return escape(text_visible(text))
    return answer_html(text)
