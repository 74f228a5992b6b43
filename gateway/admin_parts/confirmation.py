"""A step between a click and a change: it names what will happen and waits for a POST."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.admin import AdminSite
from django.forms import Form
from django.http import HttpRequest
from django.template.response import TemplateResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What the page says.

    Args:
        title: The question.
        consequences: What will happen, a sentence each; also what is lost, if anything.
        action: The word on the button, a verb.
        back: Where "Cancel" leads.
        crumbs: The way here, as pairs of words and address.
        form: What else is asked for; None if nothing.
        is_destructive: Whether something cannot be had back.
    """

    title: str
    consequences: Sequence[str]
    action: str
    back: str
    crumbs: Sequence[tuple[str, str]] = field(default=())
    form: Form | None = None
    is_destructive: bool = False


def confirmation_page(
    request: HttpRequest,
    site: AdminSite,
    confirmation: Confirmation,
    *,
    template: str = "admin/confirmation.html",
    **context: object,
) -> TemplateResponse:
    """Return the page that asks."""
    return TemplateResponse(
        request,
        template,
        {
            **site.each_context(request),
            "title": confirmation.title,
            "confirmation": confirmation,
            "crumbs": confirmation.crumbs,
            **context,
        },
    )
