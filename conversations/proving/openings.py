"""Real conversations, as something to try a prompt on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from conversations.models import Author, Conversation, Message, PromptTemplate
from conversations.review.access import Access, eyes_on

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Opening:
    """How a conversation began.

    Args:
        text: The customer's first message.
        values: What the site knew of the customer, by variable.
    """

    text: str
    values: dict[str, str]


def openings_listed(template: PromptTemplate, access: Access) -> list[tuple[UUID, str]]:
    """Return the newest conversations on the template's widgets as ids and first words.

    Args:
        template: Whose widgets.
        access: What the reader may see of them.
    """
    if not access.text:
        return []
    newest = (
        Conversation.objects.filter(widget__prompt_template=template)
        .exclude(opening="")
        .select_related("customer")
        .order_by("-active_at")[:SHOWN]
    )
    return [(row.pk, eyes_on(row, access).see(row.opening)) for row in newest]


def opening_read(template: PromptTemplate, conversation: UUID, access: Access) -> Opening | None:
    """Return how a conversation of this template began; None if it is another's, or gone.

    Args:
        template: Whose widgets.
        conversation: Which one.
        access: What the reader may see of it.
    """
    found = (
        Conversation.objects.select_related("widget", "customer")
        .filter(pk=conversation, widget__prompt_template=template)
        .first()
    )
    message = (
        Message.objects.filter(conversation=conversation, author=Author.CUSTOMER)
        .order_by("position")
        .first()
    )
    if found is None or message is None:
        return None
    values = conversation_values(found)
    if not access.identity:
        values["page_url"] = ""
    return Opening(eyes_on(found, access).see(message.text), values)


def conversation_values(conversation: Conversation) -> dict[str, str]:
    """Return what the site fills in for a conversation, by variable."""
    return {
        "customer_language": conversation.locale,
        "page_url": conversation.page_url,
        "widget_name": conversation.widget.name,
    }
