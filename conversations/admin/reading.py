"""Who of the staff read what, and when: recorded, never written here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.models import Reading
from conversations.review.access import EVERYTHING, access_of
from conversations.review.visible import text_visible
from gateway.admin_parts import cells
from gateway.admin_parts.page import ReadOnlyPage


@admin.register(Reading)
class ReadingAdmin(ReadOnlyPage[Reading]):
    """One row for each hour in which somebody read a conversation."""

    empty_title = _("Nobody has read a conversation yet")
    list_display = ("reader_name", "what", "when")
    list_filter = ("reader",)
    fields = ("reader", "reader_name", "what", "read_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reading]:
        may_read = access_of(request.user.has_perm) == EVERYTHING
        rows = super().get_queryset(request).select_related("conversation")
        return rows.annotate(may_read=Value(may_read))

    @admin.display(description=_("conversation"))
    def what(self, reading: Reading) -> str:
        if not getattr(reading, "may_read", False):
            return str(reading.conversation_id)[:8]
        return text_visible(str(reading.conversation))

    @admin.display(description=_("first read in that hour"), ordering="read_at")
    def when(self, reading: Reading) -> str:
        return cells.moment_cell(reading.read_at)
