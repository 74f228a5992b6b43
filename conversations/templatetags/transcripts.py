"""What transcripts need in templates: ``{% load transcripts %}``."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from conversations.admin.conversation import rating_cell, status_cell
from conversations.admin.conversation_cells import verified_cell
from conversations.admin.judging import VerdictForm
from conversations.models import Customer, Judgement, Rating, Reply, Verdict
from conversations.review.access import Eyes
from conversations.review.transcript import Turn
from conversations.review.visible import text_visible
from gateway.admin_parts import cells
from gateway.engine.types import Role

SPEAKERS = {
    Role.SYSTEM: _("Instructions"),
    Role.USER: _("Customer"),
    Role.ASSISTANT: _("Assistant"),
}

FIELDS = "admin/conversations/conversation/judge_fields.html"
BLANK = VerdictForm.of(0, None)

register = template.Library()
register.filter("visible", text_visible)


@register.filter
def seen(text: str, eyes: Eyes) -> str:
    """Return what a reader may see of a text, with nothing in it that acts."""
    return text_visible(eyes.see(text))


@register.filter
def status(reply: Reply) -> SafeString:
    """Return the reply's status as a label."""
    return status_cell(reply.status)


@register.filter
def thumb(rating: Rating) -> SafeString:
    """Return a customer's rating as a label."""
    return rating_cell(rating)


@register.filter
def verified(customer: Customer) -> SafeString:
    """Return a signed-in customer's name as a label."""
    return verified_cell(customer)


@register.filter
def slice_id(identity: UUID) -> str:
    """Return as much of a visitor's id as tells two visitors apart at a glance."""
    return str(identity)[:8]


@register.filter
def judgement(verdict: Verdict) -> SafeString:
    """Return what staff think of a reply as a label."""
    tone = cells.GOOD if verdict.judgement == Judgement.GOOD else cells.BAD
    return cells.state_cell(tone, Judgement(verdict.judgement).label)


@register.simple_tag
def verdict_form(turn: Turn, typed: dict[int, VerdictForm]) -> VerdictForm:
    """Return the form that judges an answer: what was typed in vain, else what was thought."""
    position = turn.message.position
    return typed.get(position) or VerdictForm.of(position, turn.verdict)


@register.simple_tag
def verdict_fields(form: VerdictForm) -> SafeString:
    """Return the fields of a form that judges; empty ones are made once for each language.

    A transcript has as many as answers, and all but a few are empty: rendering each anew took
    nine tenths of the time of a long one.
    """
    if form.is_bound or form.initial:
        return _fields(form)
    blank = _blank_fields(get_language())
    return mark_safe(blank.replace(_place(BLANK), _place(form)))  # noqa: S308 - nothing but ids


def _fields(form: VerdictForm) -> SafeString:
    return render_to_string(FIELDS, {"form": form})


@lru_cache(maxsize=32)
def _blank_fields(_language: str | None) -> SafeString:
    return _fields(BLANK)


def _place(form: VerdictForm) -> str:
    return str(form.auto_id).replace("%s", "")


@register.filter
def speaker(role: str) -> str:
    """Return who speaks in a message to a model, in words."""
    return str(SPEAKERS[Role(role)])
