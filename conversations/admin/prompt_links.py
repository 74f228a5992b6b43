"""The way between a template's pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.models import PromptTemplate, PromptVersion
from conversations.prompts.selectors import template_versions


def template_crumbs(template: PromptTemplate) -> list[tuple[str, str]]:
    """Return the way to a page about this template."""
    return [
        (_("Prompt templates"), reverse("admin:conversations_prompttemplate_changelist")),
        (template.name, workshop_url(template)),
    ]


def workshop_url(template: PromptTemplate) -> str:
    """Return the address of the template's workshop."""
    return reverse("admin:conversations_prompttemplate_change", args=[template.pk])


def version_find(template: PromptTemplate, number: int) -> PromptVersion:
    """Return a published version.

    Raises:
        Http404: There is none of this number.
    """
    version = template_versions(template).filter(number=number).first()
    if version is None:
        raise Http404
    return version


def may_publish(request: HttpRequest) -> bool:
    """Return whether this person may publish and roll back."""
    return request.user.has_perm("conversations.publish_promptversion")
