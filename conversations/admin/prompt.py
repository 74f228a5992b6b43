"""Prompt templates: the list, and the way to the workshop and the versions."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from conversations.admin.case_runs import run_begin_page, run_page, run_stop_page
from conversations.admin.cases import case_add_page, case_delete_page, case_page, cases_page
from conversations.admin.prompt_export import export_page
from conversations.admin.prompt_import import import_page
from conversations.admin.prompt_publish import publish_page, revert_page
from conversations.admin.prompt_schedule import cancel_page, schedule_page
from conversations.admin.prompt_split import split_begin_page, split_end_page, split_page
from conversations.admin.prompt_try import opening_page, try_page, weigh_page
from conversations.admin.prompt_versions import compare_page, version_page
from conversations.admin.prompt_workshop import workshop_page
from conversations.models import PromptTemplate
from conversations.prompts.selectors import templates_listed
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page


@admin.register(PromptTemplate)
class PromptTemplateAdmin(Page[PromptTemplate]):
    """Where editors decide how the bot speaks."""

    empty_title = _("No prompt template yet")
    empty_text = _("A template tells the bot who it is and what it knows. Add the first one.")
    change_list_template = "admin/conversations/prompttemplate/list.html"
    list_display = (
        "name",
        "live_version",
        "draft",
        "number_versions",
        "number_widgets",
        "description",
    )
    search_fields = ("name", "description")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptTemplate]:
        return templates_listed().order_by("name")

    def has_delete_permission(
        self, request: HttpRequest, obj: PromptTemplate | None = None
    ) -> bool:
        return False  # its versions are what replies point to

    def get_urls(self) -> list[URLPattern]:
        own = [
            ("<int:pk>/publish/", publish_page, "publish"),
            ("<int:pk>/compare/", compare_page, "compare"),
            ("<int:pk>/versions/<int:number>/", version_page, "version"),
            ("<int:pk>/versions/<int:number>/revert/", revert_page, "revert"),
            ("<int:pk>/versions/<int:number>/schedule/", schedule_page, "schedule_version"),
            ("<int:pk>/export/", export_page, "export"),
            ("<int:pk>/split/", split_page, "split"),
            ("<int:pk>/split/begin/", split_begin_page, "split_begin"),
            ("<int:pk>/split/end/", split_end_page, "split_end"),
            ("<int:pk>/schedule/", schedule_page, "schedule"),
            ("<int:pk>/schedules/<int:schedule>/cancel/", cancel_page, "schedule_cancel"),
            ("<int:pk>/try/", try_page, "try"),
            ("<int:pk>/opening/", opening_page, "opening"),
            ("<int:pk>/weigh/", weigh_page, "weigh"),
            ("<int:pk>/cases/", cases_page, "cases"),
            ("<int:pk>/cases/add/", case_add_page, "case_add"),
            ("<int:pk>/cases/<int:case>/", case_page, "case"),
            ("<int:pk>/cases/<int:case>/delete/", case_delete_page, "case_delete"),
            ("<int:pk>/runs/begin/", run_begin_page, "run_begin"),
            ("<int:pk>/runs/<int:run>/", run_page, "run"),
            ("<int:pk>/runs/<int:run>/stop/", run_stop_page, "run_stop"),
        ]
        of_all = self.admin_site.admin_view(partial(import_page, self))
        return (
            [
                path("import/", of_all, name="conversations_prompttemplate_import"),
            ]
            + [
                path(
                    route,
                    self.admin_site.admin_view(self._page(view)),
                    name=f"conversations_prompttemplate_{name}",
                )
                for route, view, name in own
            ]
            + super().get_urls()
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, and the way to bring in a file."""
        may_import = self.has_add_permission(request) and self.has_change_permission(request)
        return super().changelist_view(request, {"may_import": may_import, **(extra_context or {})})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an empty workshop."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return workshop_page(self, request, None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the template's workshop."""
        template = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, template):
            raise PermissionDenied
        if template is None:
            raise Http404
        return workshop_page(self, request, template)

    def _page(self, view: Any) -> Any:
        """Return the view, given this admin and the template, to those who may read it."""

        def page(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied
            template = PromptTemplate.objects.select_related("live").filter(pk=pk).first()
            if template is None:
                raise Http404
            response: HttpResponse = view(self, request, template, **more)
            return response

        return page

    @admin.display(description=_("live"))
    def live_version(self, template: PromptTemplate) -> str:
        if template.live is None:
            return cells.state_cell(cells.WARNING, _("nothing live"))
        return cells.state_cell(cells.GOOD, template.live.label)

    @admin.display(description=_("draft"), ordering="has_draft")
    def draft(self, template: PromptTemplate) -> str:
        if getattr(template, "has_draft", False):
            return cells.state_cell(cells.RUNNING, _("not published"))
        return cells.UNKNOWN

    @admin.display(description=_("versions"), ordering="versions_count")
    def number_versions(self, template: PromptTemplate) -> int:
        return int(getattr(template, "versions_count", 0))

    @admin.display(description=_("widgets"), ordering="widgets_count")
    def number_widgets(self, template: PromptTemplate) -> int:
        return int(getattr(template, "widgets_count", 0))
