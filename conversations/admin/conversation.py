"""Conversations: found in a list, read as a transcript, never written to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, ReplyStatus
from conversations.review.selectors import WENT_WRONG, conversations_listed
from conversations.review.transcript import transcript_read
from conversations.review.visible import text_visible
from gateway.admin_parts import cells
from gateway.admin_parts.page import ReadOnlyPage

TONES = {
    ReplyStatus.QUEUED: cells.RUNNING,
    ReplyStatus.RUNNING: cells.RUNNING,
    ReplyStatus.COMPLETE: cells.GOOD,
    ReplyStatus.STOPPED: cells.QUIET,
    ReplyStatus.INTERRUPTED: cells.WARNING,
    ReplyStatus.FAILED: cells.BAD,
}


def status_cell(status: str) -> SafeString:
    """Return a reply's status as a label."""
    known = ReplyStatus(status)
    return cells.state_cell(TONES[known], known.label)


class OutcomeFilter(admin.SimpleListFilter):
    """Filters by how the newest answer ended."""

    title = _("newest answer")
    parameter_name = "outcome"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        return [("wrong", _("Went wrong")), *ReplyStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if wanted == "wrong":
            return queryset.filter(last_status__in=WENT_WRONG)
        return queryset.filter(last_status=wanted) if wanted else queryset


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyPage[Conversation]):
    """What support staff open in the morning."""

    empty_title = _("No conversations yet")
    empty_text = _("They appear here as soon as a customer writes. Is the chat on your website?")
    change_form_template = "admin/conversations/conversation/transcript.html"
    list_display = (
        "first_words",
        "widget",
        "number_messages",
        "newest_answer",
        "last_activity",
    )
    list_filter = (OutcomeFilter, "widget", "active_at", "locale")
    search_fields = ("opening",)
    search_help_text = _("First words of a conversation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return conversations_listed()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the transcript."""
        conversation = self.get_object(request, unquote(object_id))
        turns = transcript_read(conversation) if conversation else []
        context = {
            "title": _("Conversation"),
            "subtitle": None,
            "turns": turns,
            "may_see_prompts": request.user.has_perm("conversations.view_prompttemplate"),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("first words"), ordering="opening")
    def first_words(self, conversation: Conversation) -> str:
        return text_visible(conversation.opening) or "—"

    @admin.display(description=_("messages"), ordering="message_count")
    def number_messages(self, conversation: Conversation) -> int:
        return conversation.message_count

    @admin.display(description=_("newest answer"), ordering="last_status")
    def newest_answer(self, conversation: Conversation) -> str:
        status = getattr(conversation, "last_status", None)
        return status_cell(status) if status else cells.UNKNOWN

    @admin.display(description=_("last activity"), ordering="active_at")
    def last_activity(self, conversation: Conversation) -> str:
        return cells.moment_cell(conversation.active_at)
