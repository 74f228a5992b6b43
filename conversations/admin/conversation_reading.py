"""What stands behind a transcript: its news while somebody reads, and what the model was sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.admin.conversation_case import ADD_CASE
from conversations.admin.conversation_given import is_key
from conversations.admin.judging import may_judge
from conversations.chat.prompt import messages_sent
from conversations.models import Conversation, Reply
from conversations.review.access import access_of, eyes_on
from conversations.review.readings import reading_note
from conversations.review.selectors import readings_of
from conversations.review.transcript import transcript_read
from gateway.admin_parts.page import person

SENT = "conversations.view_sent"


def transcript_context(request: HttpRequest, conversation: Conversation | None) -> dict[str, Any]:
    """Note that somebody reads, if they may, and return what the page needs."""
    if conversation is None:
        return {}
    may_see_readings = request.user.has_perm("conversations.view_reading")
    eyes = eyes_on(conversation, access_of(request.user.has_perm))
    if eyes.access.text:
        reading_note(reader=person(request), conversation=conversation, now=timezone.now())
    return {
        **_rights(request),
        "eyes": eyes,
        "turns": transcript_read(conversation, eyes),
        "readings": readings_of(conversation) if may_see_readings else [],
    }


def turns_page(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Return the turns that have changed since a revision, for a page that is open."""
    found = get_object_or_404(Conversation.objects.select_related("customer"), pk=conversation)
    since = str(request.GET.get("revision", ""))
    eyes = eyes_on(found, access_of(request.user.has_perm))
    turns = transcript_read(found, eyes, since_revision=int(since) if is_key(since) else 0)
    if not turns:
        return HttpResponse(status=204)
    if eyes.access.text:
        reading_note(reader=person(request), conversation=found, now=timezone.now())
    context = {
        **_rights(request),
        "eyes": eyes,
        "turns": turns,
        "original": found,
        "typed": {},
        "queue": request.GET.get("queue", ""),
    }
    return render(request, "admin/conversations/conversation/turns.html", context)


def sent_page(request: HttpRequest, conversation: UUID, position: int) -> HttpResponse:
    """Show the very messages that the model was sent for a reply."""
    access = access_of(request.user.has_perm)
    if not (request.user.has_perm(SENT) and access.text):
        raise PermissionDenied
    replies = Reply.objects.filter(message__conversation=conversation, message__position=position)
    reply = replies.select_related("message__conversation__customer").first()
    if reply is None:
        raise Http404
    reading_note(
        reader=person(request), conversation=reply.message.conversation, now=timezone.now()
    )
    address = reverse("admin:conversations_conversation_change", args=[conversation])
    return TemplateResponse(
        request,
        "admin/conversations/conversation/sent.html",
        {
            "title": _("What the model was sent"),
            "crumbs": [
                (_("Conversations"), reverse("admin:conversations_conversation_changelist")),
                (_("Conversation"), f"{address}#message-{position}"),
            ],
            "messages_sent": messages_sent(reply),
            "eyes": eyes_on(reply.message.conversation, access),
        },
    )


def _rights(request: HttpRequest) -> dict[str, bool]:
    access = access_of(request.user.has_perm)
    return {
        "may_read": access.text,
        "may_see_identity": access.identity,
        "may_see_prompts": request.user.has_perm("conversations.view_prompttemplate"),
        "may_see_calls": request.user.has_perm("gateway.view_call"),
        "may_see_sent": request.user.has_perm(SENT) and access.text,
        "may_judge": may_judge(request),
        "may_add_case": request.user.has_perm(ADD_CASE) and access.text,
    }
