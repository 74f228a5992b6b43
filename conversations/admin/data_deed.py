"""What was done with people's data, for those who watch over it: recorded, never written here."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.models import DataDeed
from gateway.admin_parts import cells
from gateway.admin_parts.page import ReadOnlyPage


@admin.register(DataDeed)
class DataDeedAdmin(ReadOnlyPage[DataDeed]):
    """One row for each export, erasure and hold."""

    empty_title = _("Nothing was taken out, erased or held yet")
    list_display = ("kind", "by_name", "when", "state", "number_conversations", "filters")
    list_filter = ("kind",)
    fields = (
        *("kind", "by", "by_name", "began_at", "ended_at", "is_whole", "conversation", "customer"),
        *("query", "style", "has_notes", "has_identity"),
        *("conversation_count", "message_count", "held_count"),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("when"), ordering="began_at")
    def when(self, deed: DataDeed) -> str:
        return cells.moment_cell(deed.began_at)

    @admin.display(description=_("state"))
    def state(self, deed: DataDeed) -> str:
        if deed.is_whole:
            return cells.state_cell(cells.GOOD, _("Whole"))
        if deed.ended_at:
            return cells.state_cell(cells.WARNING, _("Broke off"))
        return cells.state_cell(cells.RUNNING, _("Under way"))

    @admin.display(description=_("conversations"), ordering="conversation_count")
    def number_conversations(self, deed: DataDeed) -> int:
        return deed.conversation_count

    @admin.display(description=_("filters"))
    def filters(self, deed: DataDeed) -> str:
        return deed.query or cells.UNKNOWN
