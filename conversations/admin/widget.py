"""Widgets: how a chat looks, where it may stand, and the line that puts it there."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.widget_form import WidgetForm, hours_field, text_field
from conversations.admin.widget_preview import widget_preview
from conversations.admin.widget_secrets import (
    may_add_secret,
    secret_add_page,
    secret_retire_page,
    secret_rows,
)
from conversations.hours import DAYS
from conversations.models import Widget
from conversations.widget.services import widget_save
from conversations.widget.wording import LIMITS
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page

FIELDSETS: list[tuple[Any, Any]] = [
    (
        None,
        {
            "fields": (
                *("name", "is_active", "prompt_template", "allowed_origins", "is_verified_only"),
            )
        },
    ),
    (
        gettext_lazy("Look"),
        {
            "fields": (
                ("accent", "accent_dark"),
                "launcher_position",
                "launcher_label",
                "launcher_hidden",
            )
        },
    ),
    (
        gettext_lazy("What customers see first"),
        {"fields": ("greeting", "suggested_questions", "placeholder")},
    ),
    *(
        (
            format_lazy(gettext_lazy("The same in {language}"), language=language),
            {
                "fields": tuple(text_field(locale, name) for name in LIMITS),
                "classes": ("collapse",),
                "description": gettext_lazy("What is empty here is said as for every language."),
            },
        )
        for locale, language in settings.LANGUAGES
    ),
    (
        gettext_lazy("Office hours"),
        {
            "fields": ("time_zone", tuple(map(hours_field, DAYS)), "away_text"),
            "description": gettext_lazy(
                "When people are there, as in 09:00-12:00, 13:00-17:30. Empty on all days: the "
                "chat says nothing of hours."
            ),
        },
    ),
    (
        gettext_lazy("A way to a person"),
        {
            "fields": ("team_offers", "team_failures", "team_text", "team_recipients"),
            "description": gettext_lazy(
                "Customers leave your team a message with their e-mail address. It waits in the "
                "list of conversations until somebody closes it."
            ),
        },
    ),
    (
        gettext_lazy("Privacy"),
        {"fields": ("is_masking", "forbidden_regions", "retention_days")},
    ),
]


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
    fieldsets = FIELDSETS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Widget]:
        return Widget.objects.annotate(talks=Count("conversations")).order_by("name")

    def has_delete_permission(self, request: HttpRequest, obj: Widget | None = None) -> bool:
        return False  # switch it off: its conversations tell of it

    def get_urls(self) -> list[URLPattern]:
        own = [
            ("<int:pk>/preview/", widget_preview, "preview"),
            ("<int:pk>/secrets/new/", secret_add_page, "newsecret"),
            ("<int:pk>/secrets/<int:secret_pk>/retire/", secret_retire_page, "retiresecret"),
        ]
        new = self.admin_site.admin_view(partial(widget_preview, self, widget=None))
        return [
            path("preview/", new, name="conversations_widget_preview_new"),
            *(
                path(
                    route,
                    self.admin_site.admin_view(self._page(view)),
                    name=f"conversations_widget_{name}",
                )
                for route, view, name in own
            ),
            *super().get_urls(),
        ]

    def _page(self, view: Any) -> Any:
        """Return the view, given this admin and the widget, to those who may read it."""

        def page(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied
            widget = Widget.objects.filter(pk=pk).first()
            if widget is None:
                raise Http404
            response: HttpResponse = view(self, request, widget=widget, **more)
            return response

        return page

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
        """Add the snippet, the way to try the chat, and the preview."""
        widget = options.get("obj")
        context["languages"] = settings.LANGUAGES
        context["preview_url"] = reverse("admin:conversations_widget_preview_new")
        if widget:
            context["snippet"] = snippet(widget)
            context["snippet_with_settings"] = snippet_with_settings(widget)
            context["chat_url"] = reverse("widget-page", args=[widget.public_key])
            context["preview_url"] = reverse("admin:conversations_widget_preview", args=[widget.pk])
            secrets = secret_rows(widget)
            context |= {
                "secrets": secrets,
                "may_add_secret": may_add_secret(secrets),
                "may_change_secrets": self.has_change_permission(request, widget),
            }
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


def snippet_with_settings(widget: Widget) -> str:
    """Return the same with settings of the page and a call, for pages that allow inline scripts."""
    return (
        "<script>\n"
        '  window.chatsiteSettings = {locale: "en", colorScheme: "auto"};\n'
        '  (window.chatsite ??= []).push(["setCustomAttributes", {plan: "pro"}]);\n'
        f"</script>\n{snippet(widget)}"
    )
