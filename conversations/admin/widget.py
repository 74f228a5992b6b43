"""Widgets: how a chat looks, where it may stand, and the line that puts it there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.fields import LinesField
from conversations.models import PromptTemplate, Widget
from conversations.widget.origins import origin_normalize
from conversations.widget.selectors import QUESTIONS_SHOWN
from conversations.widget.services import widget_save
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page


class OriginsField(LinesField):
    """Origins, one a line, as browsers write them."""

    def to_python(self, value: Any) -> Any:
        origins = {line: origin_normalize(line) for line in super().to_python(value)}
        wrong = [line for line, origin in origins.items() if origin is None]
        if wrong:
            raise ValidationError(
                _("Write scheme, host and port only, as in https://www.example.com: %(lines)s"),
                params={"lines": ", ".join(wrong)},
            )
        return list(dict.fromkeys(origins.values()))


class WidgetForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A widget's settings; lists are written as lines."""

    allowed_origins = OriginsField(
        required=False,
        rows=3,
        label=gettext_lazy("allowed origins"),
        help_text=gettext_lazy(
            "The websites that may embed this chat, one a line, as in https://www.example.com."
        ),
    )
    suggested_questions = LinesField(
        required=False,
        rows=QUESTIONS_SHOWN,
        label=gettext_lazy("suggested questions"),
        help_text=gettext_lazy("One a line. The first four are shown until the customer writes."),
    )
    prompt_template = forms.ModelChoiceField(
        PromptTemplate.objects.filter(live__isnull=False),
        label=gettext_lazy("prompt template"),
        help_text=gettext_lazy("Only templates that have a live version can answer."),
    )

    class Meta:
        model = Widget
        fields = (
            "name",
            "is_active",
            "prompt_template",
            "allowed_origins",
            "accent",
            "greeting",
            "suggested_questions",
        )
        widgets = {
            "accent": forms.TextInput({"type": "color"}),
            "greeting": forms.Textarea({"rows": 3}),
        }


@admin.register(Widget)
class WidgetAdmin(Page[Widget]):
    """Where a chat gets its name, its colour and its place."""

    form = WidgetForm
    change_form_template = "admin/conversations/widget/widget.html"
    empty_title = gettext_lazy("No widget yet")
    empty_text = gettext_lazy("A widget is a chat on your website. Add one, then copy its snippet.")
    list_display = ("name", "standing", "colour", "prompt_template", "origins", "number_talks")
    list_filter = ("is_active",)
    list_select_related = ("prompt_template",)
    search_fields = ("name", "public_key")
    fieldsets = (
        (None, {"fields": ("name", "is_active", "prompt_template", "allowed_origins")}),
        (
            gettext_lazy("What customers see first"),
            {"fields": ("accent", "greeting", "suggested_questions")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Widget]:
        return Widget.objects.annotate(talks=Count("conversations")).order_by("name")

    def has_delete_permission(self, request: HttpRequest, obj: Widget | None = None) -> bool:
        return False  # switch it off: its conversations tell of it

    def save_model(
        self,
        request: HttpRequest,
        obj: Widget,
        form: forms.ModelForm[Widget],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        widget_save(widget=obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add the snippet and the way to try the chat."""
        widget = options.get("obj")
        if widget:
            context["snippet"] = snippet(widget)
            context["chat_url"] = reverse("widget-page", args=[widget.public_key])
        return super().render_change_form(request, context, *args, **options)

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def standing(self, widget: Widget) -> str:
        if widget.is_active:
            return cells.state_cell(cells.GOOD, _("Active"))
        return cells.state_cell(cells.QUIET, _("Switched off"))

    @admin.display(description=gettext_lazy("colour"))
    def colour(self, widget: Widget) -> str:
        # A drawn square needs no style attribute, which the strict policy would refuse.
        square = '<svg class="swatch" viewBox="0 0 8 8" aria-hidden="true">{}</svg> <code>{}</code>'
        return format_html(
            square,
            format_html('<rect width="8" height="8" fill="{}"/>', widget.accent),
            widget.accent,
        )

    @admin.display(description=gettext_lazy("websites"))
    def origins(self, widget: Widget) -> str:
        return ", ".join(map(str, widget.allowed_origins)) or cells.UNKNOWN

    @admin.display(description=gettext_lazy("conversations"), ordering="talks")
    def number_talks(self, widget: Widget) -> int:
        return int(getattr(widget, "talks", 0))


def snippet(widget: Widget) -> str:
    """Return the line that a website's owner pastes into its pages."""
    return (
        f'<script async src="{settings.SITE_URL}{reverse("widget-loader")}"'
        f' data-widget="{widget.public_key}"></script>'
    )
