"""Conversations: found in a list, read as a transcript, never written to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.admin.conversation_case import case_take_page
from conversations.admin.conversation_cells import (
    costs_cell,
    opening_cell,
    outcome_cell,
    review_cell,
    thumbs_cell,
)
from conversations.admin.conversation_export import (
    export_context,
    export_page,
    list_export_page,
    print_page,
)
from conversations.admin.conversation_filters import FILTERS
from conversations.admin.conversation_list import ConversationList, QueueList
from conversations.admin.conversation_reading import sent_page, transcript_context, turns_page
from conversations.admin.conversation_revoke import may_revoke, revoke_page
from conversations.admin.conversation_views import view_drop_page, view_save_page, views_shown
from conversations.admin.hold import hold_page, holds_context, release_page
from conversations.admin.judging import (
    counts_of,
    judging_context,
    may_judge,
    next_page,
    note_page,
    review_page,
    verdict_page,
)
from conversations.admin.team import team_close_page, team_context
from conversations.identity.revocations import revocation_of
from conversations.models import Conversation, Rating, RatingValue, ReplyStatus
from conversations.review.access import EVERYTHING, access_of
from conversations.review.saved_views import query_keep, query_tidy
from conversations.review.selectors import conversations_listed, views_of
from gateway.admin_parts import cells
from gateway.admin_parts.page import ReadOnlyPage, person

NAME = "conversations_conversation"

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


def rating_cell(rating: Rating) -> SafeString:
    """Return a customer's thumb as a label, with the reason if there is one."""
    tone = cells.GOOD if rating.value == RatingValue.UP else cells.BAD
    words = [rating.get_value_display(), *filter(None, [rating.get_reason_display()])]
    return cells.state_cell(tone, " · ".join(words))


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyPage[Conversation]):
    """What support staff open in the morning."""

    empty_title = _("No conversations yet")
    empty_text = _("They appear here as soon as a customer writes. Is the chat on your website?")
    change_list_template = "admin/conversations/conversation/list.html"
    change_form_template = "admin/conversations/conversation/transcript.html"
    list_display = (
        "first_words",
        "newest_answer",
        "rating",
        "reading",
        "number_turns",
        "number_cost",
        "last_activity",
    )
    list_display_links = None  # the first words lead to the conversation, and what was found to it
    list_select_related = False  # the selector has chosen
    list_filter = FILTERS
    sortable_by = ("last_activity",)
    search_fields = ("opening",)  # shows the box; ConversationList finds by the index of words
    search_help_text = _("Words anywhere in a conversation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return conversations_listed()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        return queryset, False

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return self.search_fields if access_of(request.user.has_perm).text else ()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what staff did to a conversation, which the page calls by its first words."""
        if access_of(request.user.has_perm) != EVERYTHING:
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ConversationList]:
        return QueueList if getattr(request, "is_queue", False) else ConversationList

    def get_urls(self) -> list[URLPattern]:
        of_one: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("verdict/<int:position>/", verdict_page, "verdict"),
            ("note/", note_page, "note"),
            ("review/", review_page, "review"),
            ("revoke/", revoke_page, "revoke"),
            ("case/<int:position>/", case_take_page, "case"),
            ("export/", export_page, "export"),
            ("print/", print_page, "print"),
            ("hold/", hold_page, "hold"),
            ("release/", release_page, "release"),
            ("team/<int:message>/close/", team_close_page, "closeteam"),
        ]
        return [
            *(
                path(f"<uuid:pk>/{route}", self._page(self._of_one(view)), name=f"{NAME}_{name}")
                for route, view, name in of_one
            ),
            path("export/", self._page(partial(list_export_page, self)), name=f"{NAME}_exportlist"),
            path("next/", self._page(partial(next_page, self)), name=f"{NAME}_next"),
            path("views/save/", self._page(view_save_page), name=f"{NAME}_saveview"),
            path("views/drop/", self._page(view_drop_page), name=f"{NAME}_dropview"),
            path("<uuid:conversation>/turns/", self._page(turns_page), name=f"{NAME}_turns"),
            path(
                "<uuid:conversation>/sent/<int:position>/",
                self._page(sent_page),
                name=f"{NAME}_sent",
            ),
            *super().get_urls(),
        ]

    def _of_one(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        """Give a view this admin and the conversation that its address names."""

        def page(request: HttpRequest, pk: UUID, **more: Any) -> HttpResponseBase:
            conversation = Conversation.objects.select_related("customer").filter(pk=pk).first()
            if conversation is None:
                raise Http404
            return view(self, request, conversation, **more)

        return page

    def _page(self, page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        def allowed(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            response = page(request, *args, **options)
            if isinstance(response, TemplateResponse) and response.context_data is not None:
                response.context_data |= self.admin_site.each_context(request)
            return response

        return self.admin_site.admin_view(allowed)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with the views that somebody may choose from."""
        if "" in request.GET.values():  # a form's filters that are not set
            return HttpResponseRedirect(f"?{query_tidy(request.GET)}")
        chosen = query_keep(request.GET.urlencode())
        access = access_of(request.user.has_perm)
        views = views_of(person(request), knows_names=access.identity and access.text)
        context = {
            "views": views_shown(views, chosen, person(request)),
            "saved_views": [(view, view.query == chosen) for view in views],
            "chosen": chosen,
            **export_context(request),
            **(extra_context or {}),
        }
        if may_judge(request):
            context |= {"queue": chosen, "counts": counts_of(self, request, chosen)}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the transcript."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        conversation = self.get_object(request, unquote(object_id))
        more = extra_context or {}
        context = {
            "title": _("Conversation"),
            "subtitle": None,
            **transcript_context(request, conversation),
            **more,
        }
        if conversation:
            context |= {
                "may_revoke": may_revoke(request),
                "revocation": revocation_of(conversation),
                **export_context(request),
                **holds_context(request, conversation),
                **team_context(request, conversation),
                **judging_context(self, request, conversation, more.get("typed", {})),
            }
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("first words"))
    def first_words(self, conversation: Conversation) -> str:
        return opening_cell(conversation)

    @admin.display(description=_("turns"))
    def number_turns(self, conversation: Conversation) -> int:
        return (conversation.message_count + 1) // 2

    @admin.display(description=_("newest answer"))
    def newest_answer(self, conversation: Conversation) -> str:
        return outcome_cell(conversation)

    @admin.display(description=_("rating"))
    def rating(self, conversation: Conversation) -> str:
        return thumbs_cell(conversation)

    @admin.display(description=_("review"))
    def reading(self, conversation: Conversation) -> str:
        return review_cell(conversation)

    @admin.display(description=_("cost"))
    def number_cost(self, conversation: Conversation) -> str:
        return costs_cell(getattr(conversation, "costs", []))

    @admin.display(description=_("last activity"), ordering="active_at")
    def last_activity(self, conversation: Conversation) -> str:
        return cells.moment_cell(conversation.active_at)
