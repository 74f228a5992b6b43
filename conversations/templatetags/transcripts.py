"""What transcripts need in templates: ``{% load transcripts %}``."""

from __future__ import annotations

from uuid import UUID

from django import template
from django.utils.safestring import SafeString

from conversations.admin.conversation import status_cell
from conversations.models import Reply
from conversations.review.visible import text_visible

register = template.Library()
register.filter("visible", text_visible)


@register.filter
def status(reply: Reply) -> SafeString:
    """Return the reply's status as a label."""
    return status_cell(reply.status)


@register.filter
def slice_id(identity: UUID) -> str:
    """Return as much of a visitor's id as tells two visitors apart at a glance."""
    return str(identity)[:8]
