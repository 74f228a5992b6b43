"""What every table of the admin has in common; ``conversations.admin`` builds on it as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    Stock = admin.ModelAdmin
else:

    class Stock(admin.ModelAdmin, Generic[M]):
        """Django's own, which takes no parameter at run time."""


class Page(Stock[M]):
    """A table and a form, with words for the day when there is nothing to show yet.

    Args:
        empty_title: What is missing.
        empty_text: What to do next.
    """

    empty_title: ClassVar[str | Promise] = ""
    empty_text: ClassVar[str | Promise] = ""
    list_per_page = 50
    show_full_result_count = False  # counting a large table twice tells nobody anything
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Leave one button: a page has one thing to do."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **options)


class ReadOnlyPage(Page[M]):
    """A table nobody writes to: what stands there was recorded."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


def person(request: HttpRequest) -> User:
    """Return who acts: the admin lets in nobody without an account."""
    return cast("User", request.user)
