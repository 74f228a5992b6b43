"""The workshop: a template's draft, with what is live and what was beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.admin.prompt_forms import (
    DraftForm,
    TemplateForm,
    VariableForm,
    VariableFormSet,
    content_read,
    draft_initial,
)
from conversations.admin.prompt_links import may_publish, workshop_url
from conversations.admin.prompt_settings import setting_changes
from conversations.errors import DraftConflictError, PromptError
from conversations.models import PromptTemplate, PromptVersion
from conversations.prompts.compare import contents_compare
from conversations.prompts.content import PromptContent
from conversations.prompts.selectors import template_moves, template_versions
from conversations.prompts.services import (
    draft_save,
    template_create,
    template_describe,
    version_to_edit,
)
from gateway.admin_parts.page import Page, person

MOVES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Forms:
    """The three forms of the page, as one."""

    about: TemplateForm
    draft: DraftForm
    variables: BaseFormSet[VariableForm]

    @classmethod
    def make(
        cls, data: QueryDict | None, template: PromptTemplate | None, base: PromptVersion | None
    ) -> Forms:
        """Return the forms, bound to ``data`` if there is any, else showing ``base``."""
        # What is posted stands for itself: the base may have grown rows in the meantime.
        rows = base.variables if base and data is None else []
        return cls(
            about=TemplateForm(data, instance=template),
            draft=DraftForm(data, initial=draft_initial(base)),
            variables=VariableFormSet(data, initial=rows, prefix="variables"),
        )

    def are_valid(self) -> bool:
        """Whether all three are, so that all three show their errors."""
        return all([self.about.is_valid(), self.draft.is_valid(), self.variables.is_valid()])

    def content(self) -> PromptContent:
        """Return what the valid forms say."""
        return content_read(self.draft, self.variables)


def workshop_page(
    admin: Page[PromptTemplate], request: HttpRequest, template: PromptTemplate | None
) -> HttpResponse:
    """Show the workshop, and save what is posted to it."""
    base = version_to_edit(template) if template else None
    if request.method != "POST":
        return _show(admin, request, template, base, Forms.make(None, template, base))
    if template and not admin.has_change_permission(request, template):
        raise PermissionDenied
    forms = Forms.make(request.POST, template, base)
    if not forms.are_valid():
        return _show(admin, request, template, base, forms)
    try:
        saved = _save(forms, template, request)
    except DraftConflictError:
        return _show_conflict(admin, request, template, forms)
    except PromptError as error:
        forms.draft.add_error("instructions", str(error.explanation))
        return _show(admin, request, template, base, forms)
    return _saved(admin, request, saved, is_new=template is None)


@transaction.atomic
def _save(forms: Forms, template: PromptTemplate | None, request: HttpRequest) -> PromptTemplate:
    about, draft = forms.about.cleaned_data, forms.draft.cleaned_data
    more: dict[str, Any] = {
        "content": forms.content(),
        "note": draft["note"],
        "by": person(request),
    }
    if template is None:
        return template_create(name=about["name"], description=about["description"], **more)
    draft_save(template=template, seen=draft["seen"], **more)
    return template_describe(
        template=template, name=about["name"], description=about["description"]
    )


def _saved(
    admin: Page[PromptTemplate],
    request: HttpRequest,
    template: PromptTemplate,
    *,
    is_new: bool,
) -> HttpResponse:
    if is_new:
        admin.log_addition(request, template, _("Created the template."))
    else:
        admin.log_change(request, template, _("Saved the draft."))
    if "_publish" in request.POST:
        url = reverse("admin:conversations_prompttemplate_publish", args=[template.pk])
        return HttpResponseRedirect(url)
    messages.success(request, _("The draft is saved. Customers see it once you publish it."))
    return HttpResponseRedirect(workshop_url(template))


def _show_conflict(
    admin: Page[PromptTemplate],
    request: HttpRequest,
    template: PromptTemplate | None,
    forms: Forms,
) -> HttpResponse:
    """Keep what was typed, show what came between, and let the next save be a decision."""
    theirs = version_to_edit(template) if template else None
    data = request.POST.copy()
    data["seen"] = theirs.changed_at.isoformat() if theirs else ""
    again = Forms.make(data, template, theirs)
    again.are_valid()
    if theirs is None:
        return _show(admin, request, template, theirs, again)
    comparison = contents_compare(PromptContent.of(theirs), forms.content())
    conflict = {
        "theirs": theirs,
        "yours": {"label": _("yours")},
        "comparison": comparison,
        "setting_changes": setting_changes(comparison),
    }
    return _show(admin, request, template, theirs, again, conflict=conflict)


def _show(
    admin: Page[PromptTemplate],
    request: HttpRequest,
    template: PromptTemplate | None,
    base: PromptVersion | None,
    forms: Forms,
    **more: object,
) -> HttpResponse:
    may_change = template is None or admin.has_change_permission(request, template)
    if not may_change:
        for form in (forms.about, forms.draft, *forms.variables.forms):
            for field in form.fields.values():
                field.disabled = True
    context = {
        **admin.admin_site.each_context(request),
        "title": template.name if template else _("New prompt template"),
        "crumbs": [
            (_("Prompt templates"), reverse("admin:conversations_prompttemplate_changelist"))
        ],
        "opts": admin.opts,
        "template": template,
        "base": base,
        "draft_is_new": base is None or not base.is_draft,
        "forms": forms,
        "may_change": may_change,
        "may_publish": may_publish(request),
        "versions": template_versions(template) if template else [],
        "moves": template_moves(template)[:MOVES_SHOWN] if template else [],
        "has_errors": forms.draft.is_bound and not forms.are_valid(),
        **more,
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/workshop.html", context)
