"""A conversation as a file for its customer: one page of HTML that needs nothing but itself."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import sha256
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.utils.translation import get_language_bidi, gettext, override

from conversations.chat.apologies import apology
from conversations.errors import UnknownConversationError
from conversations.markdown import render_markdown
from conversations.models import Author, Conversation, Message, Rating, Reply, ReplyStatus


@dataclass(frozen=True, slots=True)
class Copy:
    """A file: its name, in plain letters, and what stands in it."""

    filename: str
    html: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the file shows it.

    Args:
        is_customer: Whether the customer said it.
        at: When.
        text: A customer's words.
        html: An answer, rendered and sanitised.
        fate: How an answer ended, if it did not come to its end.
        rating: What the customer thought of it.
    """

    is_customer: bool
    at: datetime
    text: str = ""
    html: str = ""
    fate: str = ""
    rating: Rating | None = None


def copy_make(conversation: UUID, locale: str, zone: tzinfo) -> Copy:
    """Return a conversation as a file. A plain function for ``db()``.

    Args:
        conversation: Which; that it is the customer's own has been made sure of.
        locale: One of the site's languages, in which the file speaks.
        zone: In which the customer reads times.

    Raises:
        UnknownConversationError: It was erased a moment ago.
    """
    row = Conversation.objects.select_related("widget").filter(pk=conversation).first()
    if row is None:
        raise UnknownConversationError
    day = timezone.localtime(row.created_at, zone).date().isoformat()
    with override(locale), timezone.override(zone):  # templates read both
        return Copy(f"{slugify(row.widget.name) or 'chat'}-{day}.html", _page(row, locale))


def _page(row: Conversation, locale: str) -> str:
    messages = row.messages.order_by("position").select_related("reply__rating")
    style = render_to_string("widget/copy.css")
    return render_to_string(
        "widget/copy.html",
        {
            "name": row.widget.name,
            "locale": locale,
            "is_rtl": get_language_bidi(),
            "style": mark_safe(style),  # noqa: S308  # our own file
            "style_hash": base64.b64encode(sha256(style.encode()).digest()).decode(),
            "started": row.created_at,
            "zone": timezone.get_current_timezone_name(),
            "messages": [_said(message) for message in messages],
            "left": row.team_messages.all(),
        },
    )


def _said(message: Message) -> Said:
    at = message.created_at
    if message.author == Author.CUSTOMER:
        return Said(is_customer=True, at=at, text=message.text)
    reply = message.reply
    return Said(
        is_customer=False,
        at=at,
        html=mark_safe("" if reply.is_open else render_markdown(message.text)),  # noqa: S308  # the renderer's promise is safe HTML
        fate=_fate(reply),
        rating=getattr(reply, "rating", None),
    )


def _fate(reply: Reply) -> str:
    if reply.is_open:
        return gettext("The answer is on its way.")
    if reply.status == ReplyStatus.STOPPED:
        return gettext("Stopped")
    return "" if reply.status == ReplyStatus.COMPLETE else gettext(apology(reply.error_code))
