"""The way between a template's pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.models import PromptTemplate, PromptVersion
from conversations.prompt_errors import SecondPersonError
from conversations.prompts.pointer import second_person_check
from conversations.prompts.selectors import template_versions
from gateway.admin_parts.page import person


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
    """Return whether this person may publish and schedule."""
    return request.user.has_perm("conversations.publish_promptversion")


def may_guard(request: HttpRequest) -> bool:
    """Return whether this person decides where a second one publishes."""
    return request.user.has_perm("conversations.guard_prompttemplate")


def needs_colleague(request: HttpRequest, template: PromptTemplate, version: PromptVersion) -> bool:
    """Return whether somebody else must publish this version, and say so to this person."""
    try:
        second_person_check(template, version, person(request))
    except SecondPersonError as error:
        messages.error(request, str(error.explanation))
        return True
    return False


def may_revert(request: HttpRequest) -> bool:
    """Return whether this person may roll back."""
    return request.user.has_perm("conversations.revert_promptversion")


def may_test(request: HttpRequest) -> bool:
    """Return whether this person may try drafts and run test cases, which costs tokens."""
    return request.user.has_perm("conversations.test_promptversion")
