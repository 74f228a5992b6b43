"""Test cases of a template: the list, one case, and its end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.admin.case_forms import CaseForms
from conversations.admin.case_words import check_words, run_state_cell, standing_cell
from conversations.admin.prompt_links import may_test, template_crumbs
from conversations.case_errors import CaseError
from conversations.models import CaseRunState, PromptCase, PromptTemplate
from conversations.prompts.content import PromptContent
from conversations.prompts.proof import proof_read
from conversations.prompts.services import version_to_edit
from conversations.proving.selectors import run_state, runs_listed
from conversations.proving.services import case_change, case_create, case_delete
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person

Admin = Page[PromptTemplate]


def cases_url(template: PromptTemplate) -> str:
    """Return the address of the template's cases."""
    return reverse("admin:conversations_prompttemplate_cases", args=[template.pk])


def cases_crumbs(template: PromptTemplate) -> list[tuple[str, str]]:
    """Return the way to a page below the list of cases."""
    return [*template_crumbs(template), (_("Test cases"), cases_url(template))]


def cases_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """List the cases, how each stands for the draft, and the newest runs."""
    content = _content(template)
    proofs = {one.case.pk: one for one in proof_read(template, content).cases} if content else {}
    cases = [
        {
            "case": case,
            "state": standing_cell(proofs[case.pk]) if case.pk in proofs else "",
            "checks": [check_words(check) for check in case.checks],
        }
        for case in template.cases.all()
    ]
    runs = [(run, run_state_cell(run_state(run))) for run in runs_listed(template)]
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Test cases"),
        "subtitle": template.name,
        "crumbs": template_crumbs(template),
        "template": template,
        "cases": cases,
        "runs": runs,
        "running": next((run for run, _cell in runs if _is_running(run)), None),
        "may_change": admin.has_change_permission(request, template),
        "may_test": may_test(request),
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/cases.html", context)


def case_add_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Show an empty case, and add what is posted."""
    if not admin.has_change_permission(request, template):
        raise PermissionDenied
    return _case(admin, request, template, None)


def case_page(
    admin: Admin, request: HttpRequest, template: PromptTemplate, case: int
) -> HttpResponse:
    """Show a case, and change it."""
    found = _case_find(template, case)
    if request.method == "POST" and not admin.has_change_permission(request, template):
        raise PermissionDenied
    return _case(admin, request, template, found)


def case_delete_page(
    admin: Admin, request: HttpRequest, template: PromptTemplate, case: int
) -> HttpResponse:
    """Ask before a case is deleted, and delete it when told to."""
    if not admin.has_change_permission(request, template):
        raise PermissionDenied
    found = _case_find(template, case)
    if request.method == "POST":
        case_delete(case=found)
        admin.log_change(
            request, template, _("Deleted the test case “%(name)s”.") % {"name": found}
        )
        messages.success(request, _("“%(name)s” is deleted.") % {"name": found})
        return HttpResponseRedirect(cases_url(template))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Delete “%(name)s”?") % {"name": found},
            consequences=[
                _("The case and all its results are gone for good."),
                _("To leave it out of runs for a while, make it inactive instead."),
            ],
            action=_("Delete"),
            back=case_url(found),
            crumbs=cases_crumbs(template),
            is_destructive=True,
        ),
    )


def case_url(case: PromptCase) -> str:
    """Return the address of a case."""
    return reverse("admin:conversations_prompttemplate_case", args=[case.template_id, case.pk])


def _case(
    admin: Admin, request: HttpRequest, template: PromptTemplate, case: PromptCase | None
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    forms = CaseForms.make(data, case, _content(template))
    if data is not None and forms.are_valid() and _saved(admin, request, template, case, forms):
        return HttpResponseRedirect(cases_url(template))
    may_change = admin.has_change_permission(request, template)
    if not may_change:
        forms.disable()
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": case.name if case else _("New test case"),
        "crumbs": cases_crumbs(template),
        "template": template,
        "case": case,
        "forms": forms,
        "has_errors": data is not None,
        "may_change": may_change,
        "back": cases_url(template),
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/case.html", context)


def _saved(
    admin: Admin,
    request: HttpRequest,
    template: PromptTemplate,
    case: PromptCase | None,
    forms: CaseForms,
) -> bool:
    """Save what the forms say; what the service refuses stands in the form."""
    try:
        if case is None:
            saved = case_create(template=template, content=forms.content(), by=person(request))
        else:
            saved = case_change(case=case, content=forms.content())
    except CaseError as error:
        forms.about.add_error(None, str(error.explanation))
        return False
    except ValidationError as error:
        forms.about.add_error(None, error.messages)
        return False
    admin.log_change(request, template, _("Saved the test case “%(name)s”.") % {"name": saved})
    messages.success(request, _("“%(name)s” is saved.") % {"name": saved})
    return True


def _case_find(template: PromptTemplate, number: int) -> PromptCase:
    case = template.cases.filter(pk=number).first()
    if case is None:
        raise Http404
    return case


def _content(template: PromptTemplate) -> PromptContent | None:
    base = version_to_edit(template)
    return PromptContent.of(base) if base else None


def _is_running(run: Any) -> bool:
    return run_state(run) is CaseRunState.RUNNING
