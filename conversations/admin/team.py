"""What customers left for the team, on the transcript's page: read there, answered, closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.chat.runs import runs
from conversations.errors import UnknownConversationError
from conversations.models import Conversation, TeamMessage
from conversations.models.team import NOTE_CHARACTERS
from conversations.review.access import HIDDEN, Eyes, access_of, eyes_on, names_pattern
from conversations.team.services import team_message_close
from gateway.admin.alert_words import error_text
from gateway.admin_parts.page import Page, person

CLOSE = "conversations.close_teammessage"


@dataclass(frozen=True, slots=True)
class Left:
    """A message for the team as somebody sees it.

    Args:
        row: The message; a page shows none of its words but through the others.
        name: How the customer would be called.
        email: Where the answer goes; ``HIDDEN`` for who may not know.
        reply_to: The address of a new e-mail to them; "" for who may not know.
        text: What they wrote.
        mail_fault: Why the e-mail to the team has not left, if it should have.
    """

    row: TeamMessage
    name: str
    email: str
    reply_to: str
    text: str
    mail_fault: str


def team_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the transcript's page needs to show of messages for the team."""
    eyes = eyes_on(conversation, access_of(request.user.has_perm))
    rows = TeamMessage.objects.filter(conversation=conversation).select_related("closed_by")
    return {
        "team_messages": list(_seen(rows, eyes)),
        "may_close_team": _may_close(request),
        "note_characters": NOTE_CHARACTERS,
    }


def team_close_page(
    admin: Page[Conversation], request: HttpRequest, conversation: Conversation, message: int
) -> HttpResponse:
    """Close a message for the team, with a note if there is one."""
    if not _may_close(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        is_closed = team_message_close(
            message=message,
            conversation=conversation.pk,
            note=request.POST.get("note", ""),
            by=person(request),
            now=timezone.now(),
        )
    except UnknownConversationError:
        is_closed = False
    if is_closed:
        async_to_sync(_tell)(conversation.pk)
        said = _("Closed the message for the team.")
        admin.log_change(request, conversation, said)
        messages.success(request, said)
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    return HttpResponseRedirect(f"{address}#team")


async def _tell(conversation: UUID) -> None:
    runs().pokes.changed(conversation)  # where the event loop is: it has the sockets


def _may_close(request: HttpRequest) -> bool:
    return bool(access_of(request.user.has_perm).text and request.user.has_perm(CLOSE))


def _seen(rows: Iterable[TeamMessage], eyes: Eyes) -> Iterator[Left]:
    knows = eyes.access.identity
    for row in rows:
        names = None if knows else names_pattern((row.name, row.email))
        text = eyes.see(row.text)
        yield Left(
            row=row,
            name=row.name if knows else HIDDEN,
            email=row.email if knows else HIDDEN,
            reply_to=quote(row.email, safe="@") if knows else "",
            text=names.sub(HIDDEN, text) if names else text,
            mail_fault=_mail_fault(row),
        )


def _mail_fault(row: TeamMessage) -> str:
    if row.closed_at or not row.mail_error:
        return ""
    return _("The e-mail to the team has not left yet. %(why)s") % {
        "why": error_text(row.mail_error)
    }
