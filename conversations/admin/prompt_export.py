"""A template as a file to keep."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from conversations.models import PromptTemplate
from conversations.transfer.services import template_export
from gateway.admin_parts.page import Page


def export_page(
    _admin: Page[PromptTemplate], request: HttpRequest, template: PromptTemplate
) -> HttpResponse:
    """Return the template with its versions, draft and cases as a download."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    name = slugify(template.name, allow_unicode=True) or f"template-{template.pk}"
    response = HttpResponse(template_export(template), content_type="application/json")
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.json")
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response
