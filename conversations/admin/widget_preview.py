"""The chat as it would look with settings that nobody has saved yet."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from conversations.admin.widget_form import WidgetForm, WidgetSettingsForm
from conversations.locales import locale_near
from conversations.models import Widget
from conversations.widget.views import preview
from gateway.admin_parts.page import Page


def widget_preview(
    page: Page[Widget], request: HttpRequest, widget: Widget | None
) -> HttpResponseBase:
    """Answer with the panel that the form describes; a field that is wrong stays as it was.

    Args:
        page: Knows who may do what.
        request: Carries the form, and in which language and colours the preview is.
        widget: Whose form it is; None for one that is being added.

    Raises:
        PermissionDenied: This person may not change the widget, or add one.
    """
    if widget is None:
        may = page.has_add_permission(request)
    else:
        may = page.has_change_permission(request, widget)
    if not may:
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    draft = _draft(WidgetForm(request.POST, instance=widget))
    locale = locale_near(request.POST.get("preview_locale", ""))
    scheme = request.POST.get("preview_scheme", "")
    return preview(request, draft, locale=locale, scheme=scheme)


def _draft(form: WidgetSettingsForm) -> Widget:
    """Return the widget that the form describes; what is wrong is said when it is saved."""
    stored = Widget.objects.filter(pk=form.instance.pk).first() or Widget()
    draft: Widget = form.instance
    for field in Widget._meta.concrete_fields:  # noqa: SLF001 - Django's own way to ask
        if field.name in form.errors:
            setattr(draft, field.attname, getattr(stored, field.attname))
    return draft
