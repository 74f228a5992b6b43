"""Versions: read, compared, published and gone back to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from conversations.admin.prompt_links import (
    may_publish,
    may_revert,
    template_crumbs,
    version_find,
)
from conversations.admin.prompt_settings import setting_changes, settings_of
from conversations.models import PromptTemplate, PromptVersion
from conversations.prompts.compare import contents_compare
from conversations.prompts.content import PromptContent
from conversations.prompts.results import version_shares
from conversations.prompts.selectors import template_versions
from gateway.admin_parts.page import Page

Admin = Page[PromptTemplate]


def version_page(
    admin: Admin, request: HttpRequest, template: PromptTemplate, number: int
) -> HttpResponse:
    """Show a published version, word for word."""
    version = version_find(template, number)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"{template.name} {version.label}",
        "crumbs": template_crumbs(template),
        "template": template,
        "version": version,
        "settings": settings_of(PromptContent.of(version)),
        "shares": version_shares(version),
        "may_publish": may_publish(request),
        "may_revert": may_revert(request),
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/version.html", context)


def compare_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Show what differs between ``?before=`` and ``?after=``: live and draft if not said."""
    draft = template.versions.filter(number=None).first()
    versions = [version for version in [draft, *template_versions(template)] if version]
    before = _version_pick(versions, request.GET.get("before", "")) or template.live
    after = _version_pick(versions, request.GET.get("after", "")) or draft or template.live
    comparison = None
    if before and after:
        comparison = contents_compare(PromptContent.of(before), PromptContent.of(after))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Compare versions"),
        "subtitle": template.name,
        "crumbs": template_crumbs(template),
        "template": template,
        "versions": versions,
        "before": before,
        "after": after,
        "comparison": comparison,
        "setting_changes": setting_changes(comparison) if comparison else [],
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/compare.html", context)


def _version_pick(versions: list[PromptVersion], wanted: str) -> PromptVersion | None:
    return next((v for v in versions if wanted == (str(v.number) if v.number else "draft")), None)
