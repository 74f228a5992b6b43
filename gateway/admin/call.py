"""Calls: what the gateway asked, how long it took, and why it failed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from gateway.admin_parts import cells
from gateway.admin_parts.page import ReadOnlyPage
from gateway.models import Call
from gateway.models.call import Outcome

TONES = {
    Outcome.SUCCEEDED: cells.GOOD,
    Outcome.FAILED: cells.BAD,
    Outcome.CANCELLED: cells.QUIET,
}


def outcome_cell(call: Call) -> str:
    """Return how the call ended as a label, its error code on hover."""
    outcome = Outcome(call.outcome)
    return cells.state_cell(TONES[outcome], outcome.label, call.error_code)


@admin.register(Call)
class CallAdmin(ReadOnlyPage[Call]):
    """The gateway's ledger; what was said is not in it."""

    empty_title = _("No calls yet")
    empty_text = _("Each call to a provider is written down here, without its words.")
    change_form_template = "admin/gateway/call/call.html"
    list_display = (
        "when",
        "ended",
        "target",
        "key_label",
        "number_attempts",
        "number_first_token",
        "number_total",
        "number_tokens",
        "number_cost",
    )
    list_filter = ("outcome", "error_code", "provider", "model", "purpose", "started_at")
    search_fields = ("error_code", "key_label", "conversation")
    search_help_text = _("Error code, key or conversation")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one call with its attempts."""
        call = self.get_object(request, unquote(object_id))
        context = {
            "title": _("Call"),
            "subtitle": None,
            "outcome": call and outcome_cell(call),
            "cost": call and cells.money(call.cost, call.currency),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("when"), ordering="started_at")
    def when(self, call: Call) -> str:
        return cells.moment_cell(call.started_at)

    @admin.display(description=_("outcome"), ordering="outcome")
    def ended(self, call: Call) -> str:
        return format_html("{} {}", outcome_cell(call), call.error_code)

    @admin.display(description=_("provider and model"), ordering="model")
    def target(self, call: Call) -> str:
        return f"{call.provider} · {call.model}" if call.provider else cells.UNKNOWN

    @admin.display(description=_("attempts"))
    def number_attempts(self, call: Call) -> int:
        return len(call.attempts)

    @admin.display(description=_("first token"), ordering="first_token_ms")
    def number_first_token(self, call: Call) -> str:
        return cells.duration(call.first_token_ms)

    @admin.display(description=_("total"), ordering="total_ms")
    def number_total(self, call: Call) -> str:
        return cells.duration(call.total_ms)

    @admin.display(description=_("tokens in and out"))
    def number_tokens(self, call: Call) -> str:
        pair = (call.prompt_tokens, call.completion_tokens)
        return " · ".join(cells.UNKNOWN if count is None else str(count) for count in pair)

    @admin.display(description=_("cost"), ordering="cost")
    def number_cost(self, call: Call) -> str:
        return cells.money(call.cost, call.currency)
