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

from conversations.admin.prompt_forms import DraftForm, TemplateForm, draft_initial
from conversations.admin.prompt_links import may_guard, may_publish, workshop_url
from conversations.admin.prompt_proof import proof_of_base
from conversations.admin.prompt_room import room_warnings
from conversations.admin.prompt_rows import (
    ExampleForm,
    ExampleFormSet,
    TranslationForm,
    TranslationFormSet,
    VariableForm,
    VariableFormSet,
    content_read,
    examples_initial,
    translations_initial,
    variables_initial,
)
from conversations.admin.prompt_settings import setting_changes
from conversations.admin.prompt_try_panel import try_context
from conversations.models import PromptTemplate, PromptVersion
from conversations.prompt_errors import DraftConflictError, PromptError
from conversations.prompts.agenda import schedules_past, schedules_upcoming
from conversations.prompts.compare import contents_compare
from conversations.prompts.content import PromptContent
from conversations.prompts.selectors import template_moves, template_versions
from conversations.prompts.services import (
    draft_save,
    template_create,
    template_describe,
    template_guard,
    version_to_edit,
)
from conversations.prompts.splits import split_running
from gateway.admin_parts.page import Page, person

MOVES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of the page, as one."""

    about: TemplateForm
    draft: DraftForm
    variables: BaseFormSet[VariableForm]
    examples: BaseFormSet[ExampleForm]
    translations: BaseFormSet[TranslationForm]

    @classmethod
    def make(
        cls, data: QueryDict | None, template: PromptTemplate | None, base: PromptVersion | None
    ) -> Forms:
        """Return the forms, bound to ``data`` if there is any, else showing ``base``."""
        # What is posted stands for itself: the base may have grown rows in the meantime.
        shown = PromptContent.of(base) if base and data is None else PromptContent(instructions="")
        return cls(
            about=TemplateForm(data, instance=template),
            draft=DraftForm(data, initial=draft_initial(base)),
            variables=VariableFormSet(data, initial=variables_initial(shown), prefix="variables"),
            examples=ExampleFormSet(data, initial=examples_initial(shown), prefix="examples"),
            translations=TranslationFormSet(
                data, initial=translations_initial(shown), prefix="translations"
            ),
        )

    def are_valid(self) -> bool:
        """Whether all are, so that all show their errors."""
        verdicts = [self.about.is_valid(), self.draft.is_valid()]
        verdicts += [rows.is_valid() for rows in self.rows()]
        return all(verdicts)

    def rows(self) -> tuple[BaseFormSet[Any], ...]:
        """Return the sets of rows."""
        return (self.variables, self.examples, self.translations)

    def content(self) -> PromptContent:
        """Return what the valid forms say."""
        return content_read(self.draft, self.variables, self.examples, self.translations)

    def disable(self) -> None:
        """Show everything to somebody who may only read it."""
        rows = (row for formset in self.rows() for row in formset.forms)
        for form in (self.about, self.draft, *rows):
            for field in form.fields.values():
                field.disabled = True


def workshop_page(
    admin: Page[PromptTemplate], request: HttpRequest, template: PromptTemplate | None
) -> HttpResponse:
    """Show the workshop, and save what is posted to it."""
    base = version_to_edit(template) if template else None
    if request.method != "POST":
        return _show(admin, request, template, base, _forms(request, None, template, base))
    if template and not admin.has_change_permission(request, template):
        raise PermissionDenied
    forms = _forms(request, request.POST, template, base)
    if not forms.are_valid():
        return _show(admin, request, template, base, forms)
    try:
        saved = _save(forms, template, request)
    except DraftConflictError:
        return _show_conflict(admin, request, template, forms)
    except PromptError as error:
        forms.draft.add_error("instructions", str(error.explanation))
        return _show(admin, request, template, base, forms)
    return _saved(admin, request, saved, forms.content(), is_new=template is None)


def _forms(
    request: HttpRequest,
    data: QueryDict | None,
    template: PromptTemplate | None,
    base: PromptVersion | None,
) -> Forms:
    forms = Forms.make(data, template, base)
    if not may_guard(request):
        del forms.about.fields["needs_second_person"]
    return forms


@transaction.atomic
def _save(forms: Forms, template: PromptTemplate | None, request: HttpRequest) -> PromptTemplate:
    about, draft = forms.about.cleaned_data, forms.draft.cleaned_data
    more: dict[str, Any] = {
        "content": forms.content(),
        "note": draft["note"],
        "by": person(request),
    }
    words = {"name": about["name"], "description": about["description"]}
    if template is None:
        template = template_create(**words, **more)
    else:
        draft_save(template=template, seen=draft["seen"], **more)
        template_describe(template=template, **words)
    if may_guard(request):
        template_guard(template=template, needs_second_person=about["needs_second_person"])
    return template


def _saved(
    admin: Page[PromptTemplate],
    request: HttpRequest,
    template: PromptTemplate,
    content: PromptContent,
    *,
    is_new: bool,
) -> HttpResponse:
    if is_new:
        admin.log_addition(request, template, _("Created the template."))
    else:
        admin.log_change(request, template, _("Saved the draft."))
    for deed in ("publish", "schedule"):
        if f"_{deed}" in request.POST:
            url = reverse(f"admin:conversations_prompttemplate_{deed}", args=[template.pk])
            return HttpResponseRedirect(url)
    messages.success(request, _("The draft is saved. Customers see it once you publish it."))
    for warning in room_warnings(content):
        messages.warning(request, warning)
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
    again = _forms(request, data, template, theirs)
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
        forms.disable()
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
        "needs_colleague": template is not None and template.needs_second_person,
        "versions": template_versions(template) if template else [],
        "moves": template_moves(template)[:MOVES_SHOWN] if template else [],
        "split": split_running(template) if template else None,
        "events": schedules_upcoming(template) if template else [],
        "past": schedules_past(template)[:MOVES_SHOWN] if template else [],
        "has_errors": forms.draft.is_bound and not forms.are_valid(),
        **try_context(request, template),
        **proof_of_base(request, template, base),
        **more,
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/workshop.html", context)
