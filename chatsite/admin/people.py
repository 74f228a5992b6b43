"""People: who may log in, and in which role."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, Field, ManyToManyField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatsite.admin.factor import may_reset, reset_page
from chatsite.factor.forms import RolesField
from chatsite.roles import role_name
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page, person

admin.site.unregister([User, Group])


class RoleFilter(admin.SimpleListFilter):
    """Filters people by role, each named in the reader's language."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        return [(str(group.pk), role_name(group)) for group in Group.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = {str(pk): pk for pk, _name in self.lookup_choices}.get(self.value() or "")
        return queryset.filter(groups=chosen) if chosen else queryset


@admin.register(User)
class PersonAdmin(Page[User], UserAdmin):  # type: ignore[type-arg]  # takes none at run time
    """An account with its roles; single permissions are left to groups."""

    list_display = ("username", "full_name", "roles", "standing", "second_factor", "last_seen")
    list_filter = (RoleFilter, "is_active", "is_superuser")
    search_fields = ("username", "first_name", "last_name", "email")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (
            gettext_lazy("Role"),
            {"fields": ("groups", "is_active", "is_staff", "is_superuser")},
        ),
    )
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return (
            User.objects.select_related("authenticator")
            .prefetch_related("groups")
            .order_by("username")
        )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody take over an account that may do everything, but those who may do so, too."""
        return super().has_change_permission(request, obj) and _is_within(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody delete an account that may do everything, but those who may do so, too."""
        return super().has_delete_permission(request, obj) and _is_within(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Let nobody make themselves one who may do everything."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if person(request).is_superuser else (*fields, "is_superuser")

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with the one where a colleague's second factor is reset."""
        view = self.admin_site.admin_view(partial(reset_page, self))
        reset = path("<str:pk>/reset-factor/", view, name="auth_user_resetfactor")
        return [reset, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        may = bool(user and hasattr(user, "authenticator") and may_reset(request, user))
        context = {"may_reset_factor": may, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **options: Any
    ) -> forms.Field | None:
        """Offer the few roles as ticks instead of two boxes with arrows between them."""
        if isinstance(db_field, ManyToManyField) and db_field.name == "groups":
            return db_field.formfield(
                form_class=RolesField,
                widget=forms.CheckboxSelectMultiple,
                label=_("roles"),
                help_text=_("What this person sees follows from the roles."),
            )
        return super().formfield_for_dbfield(db_field, request, **options)

    @admin.display(description=gettext_lazy("full name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or cells.UNKNOWN

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, user: User) -> str:
        names = [role_name(group) for group in user.groups.all()]
        return ", ".join([*([_("Everything")] if user.is_superuser else []), *names]) or _("none")

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def standing(self, user: User) -> str:
        if user.is_active and user.is_staff:
            return cells.state_cell(cells.GOOD, _("May log in"))
        return cells.state_cell(cells.QUIET, _("Locked out"))

    @admin.display(description=gettext_lazy("second factor"))
    def second_factor(self, user: User) -> str:
        if hasattr(user, "authenticator"):
            return cells.state_cell(cells.GOOD, _("Set up"))
        return cells.state_cell(cells.QUIET, _("None"))

    @admin.display(description=gettext_lazy("last seen"), ordering="last_login")
    def last_seen(self, user: User) -> str:
        return cells.moment_cell(user.last_login) if user.last_login else _("never")


def _is_within(request: HttpRequest, user: User | None) -> bool:
    """Return whether an account is not above the one that asks."""
    return user is None or person(request).is_superuser or not user.is_superuser


@admin.register(Group)
class RoleAdmin(Page[Group], GroupAdmin):
    """A role with its permissions; the three of ours are set anew with every migrate."""

    list_display = ("title", "number_people")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return Group.objects.annotate(people=Count("user")).order_by("name")

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def title(self, group: Group) -> str:
        return role_name(group)

    @admin.display(description=gettext_lazy("people"), ordering="people")
    def number_people(self, group: Group) -> int:
        return int(getattr(group, "people", 0))
