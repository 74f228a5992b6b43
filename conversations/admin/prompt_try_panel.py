"""What the panel "Try it" beside the draft needs to know."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from conversations.admin.prompt_links import may_test
from conversations.models import PromptTemplate
from conversations.proving.openings import openings_listed
from conversations.review.access import access_of


def try_context(request: HttpRequest, template: PromptTemplate | None) -> dict[str, Any]:
    """Return the panel's context; real conversations are for those who may read them anyway."""
    if template is None or not may_test(request):
        return {"may_test": False}
    access = access_of(request.user.has_perm)
    return {"may_test": True, "openings": openings_listed(template, access)}
