"""Conversations on their way out: a filtered list or one of them as a file, and one to print."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.admin.judging import queue_of
from conversations.export.deeds import deed_begin, deed_end
from conversations.export.records import Contents
from conversations.export.stream import exported
from conversations.export.styles import WRITINGS, Style
from conversations.models import Conversation, DeedKind, Note
from conversations.review.access import EVERYTHING, Eyes, access_of
from conversations.review.readings import reading_note
from conversations.review.transcript import transcript_read
from gateway.admin_parts.page import Page, person

EXPORT = "conversations.export_conversation"


class ExportForm(forms.Form):
    """What is wanted, in which format."""

    style = forms.ChoiceField(choices=Style.choices)
    notes = forms.BooleanField(required=False)
    identity = forms.BooleanField(required=False)
    address = forms.CharField(required=False)

    @property
    def contents(self) -> Contents:
        """What was ticked."""
        ticked = self.cleaned_data
        return Contents(has_notes=ticked["notes"], has_identity=ticked["identity"])


def export_context(request: HttpRequest) -> dict[str, Any]:
    """Return what a page needs to offer an export; nothing for those who may not."""
    return {"export_styles": Style.choices} if _may_export(request) else {}


def list_export_page(admin: Page[Conversation], request: HttpRequest) -> HttpResponseBase:
    """Return what the list with these filters shows as a file, all pages of it."""
    form = _asked(request)
    if isinstance(form, HttpResponse):
        return form
    address = form.cleaned_data["address"]
    chosen = queue_of(admin, request, address)
    return _file(request, form, chosen, "conversations", address=address)


def export_page(
    admin: Page[Conversation],  # noqa: ARG001 - as each page is called
    request: HttpRequest,
    conversation: Conversation,
) -> HttpResponseBase:
    """Return one conversation as a file."""
    form = _asked(request)
    if isinstance(form, HttpResponse):
        return form
    reading_note(reader=person(request), conversation=conversation, now=timezone.now())
    chosen = Conversation.objects.filter(pk=conversation.pk)
    name = f"conversation-{str(conversation.pk)[:8]}"
    return _file(request, form, chosen, name, conversation=conversation.pk)


def print_page(
    admin: Page[Conversation],  # noqa: ARG001 - as each page is called
    request: HttpRequest,
    conversation: Conversation,
) -> HttpResponse:
    """Show one conversation as a page to print, or to keep as a PDF."""
    _prove(request)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    has_notes = request.GET.get("notes") == "1"
    reading_note(reader=person(request), conversation=conversation, now=timezone.now())
    turns = transcript_read(conversation, Eyes(EVERYTHING))
    deed = deed_begin(
        kind=DeedKind.PRINTED,
        by=person(request),
        contents=Contents(has_notes=has_notes, has_identity=True),
        conversation=conversation.pk,
    )
    deed_end(deed, conversations=1, messages=len(turns), is_whole=True)
    notes = Note.objects.filter(conversation=conversation).select_related("author")
    context = {
        "conversation": conversation,
        "turns": turns,
        "has_notes": has_notes,
        "notes": notes if has_notes else [],
        "now": timezone.now(),
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "admin/conversations/conversation/print.html", context)


def _asked(request: HttpRequest) -> ExportForm | HttpResponse:
    """Return what was asked for, or the answer to who asked in vain."""
    _prove(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = ExportForm(request.POST)
    if form.is_valid():
        return form
    messages.error(request, _("Choose a format."))
    return HttpResponseRedirect(reverse("admin:conversations_conversation_changelist"))


def _file(
    request: HttpRequest,
    form: ExportForm,
    chosen: QuerySet[Conversation],
    name: str,
    **about: Any,
) -> StreamingHttpResponse:
    style, contents = Style(form.cleaned_data["style"]), form.contents
    deed = deed_begin(
        kind=DeedKind.EXPORTED, by=person(request), contents=contents, style=style, **about
    )
    day = timezone.localdate().isoformat()
    response = StreamingHttpResponse(
        exported(chosen=chosen, style=style, contents=contents, deed=deed),
        content_type=WRITINGS[style].content_type,
    )
    response["Content-Disposition"] = f'attachment; filename="{name}-{day}.{style}"'
    return response


def _may_export(request: HttpRequest) -> bool:
    # A file holds what a page would hide from those who may not see all.
    sees_all = access_of(request.user.has_perm) == EVERYTHING
    return sees_all and bool(request.user.has_perm(EXPORT))


def _prove(request: HttpRequest) -> None:
    if not _may_export(request):
        raise PermissionDenied
