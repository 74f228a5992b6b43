"""Filters of conversations that come with a link, from the report: shown, and let go of."""

from __future__ import annotations

import re
from typing import Any, TypeGuard
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.conversation_words import began_words
from conversations.review.began import began_parse

KEY = re.compile("[0-9]{1,18}")


class GivenFilter(admin.SimpleListFilter):
    """A filter that is not offered: it comes with a link, says so, and can be let go of."""

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        chosen = self.value()
        return [(chosen, self.words(chosen))] if chosen and self.words(chosen) else []

    def words(self, chosen: str) -> str:
        """Return what a chosen value means; empty if nothing."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class BeganFilter(GivenFilter):
    """Filters by the days, or an hour of the week, in which a conversation began."""

    title = gettext_lazy("began")
    parameter_name = "began"

    def words(self, chosen: str) -> str:
        began = began_parse(chosen, settings.TIME_ZONE)
        return began_words(began) if began else ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        began = began_parse(self.value() or "", settings.TIME_ZONE)
        return queryset.filter(began.as_q()) if began else queryset


class AlikeFilter(GivenFilter):
    """Names a question that first messages resemble; the list itself looks for them, last."""

    title = gettext_lazy("first question")
    parameter_name = "alike"

    def words(self, chosen: str) -> str:
        return _("like one of a report") if uuid_of(chosen) else ""


def uuid_of(value: str | None) -> UUID | None:
    """Return the id that a value from an address is; None if it is none."""
    try:
        return UUID(value or "")
    except ValueError:
        return None


def is_key(value: str | None) -> TypeGuard[str]:
    """Whether a value from an address can be a row's key: short enough for any database."""
    return value is not None and bool(KEY.fullmatch(value))
