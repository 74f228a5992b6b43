"""Runs of test cases: begun, watched, stopped."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.admin.case_words import fault_words, findings, result_cell, run_state_cell
from conversations.admin.cases import cases_crumbs, cases_url
from conversations.admin.prompt_links import may_test
from conversations.case_errors import CaseError
from conversations.models import CaseRunState, PromptCaseResult, PromptCaseRun, PromptTemplate
from conversations.proving.ledger import run_begin, run_stop
from conversations.proving.runner import run_launch
from conversations.proving.selectors import CaseLine, RunReport, run_report
from conversations.review.transcript import answer_html
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page, person

Admin = Page[PromptTemplate]


def run_begin_page(_admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Begin a run in this process, and show it."""
    if not may_test(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        plan = run_begin(template=template, by=person(request))
    except CaseError as error:
        messages.error(request, str(error.explanation))
        return HttpResponseRedirect(cases_url(template))
    async_to_sync(run_launch)(plan)
    return HttpResponseRedirect(run_url(template, plan.run))


def run_page(
    admin: Admin, request: HttpRequest, template: PromptTemplate, run: int
) -> HttpResponse:
    """Show what a run has found so far; ``?part=report`` returns that part alone."""
    found = _run_find(template, run)
    report = run_report(found)
    context = {
        "template": template,
        "run": found,
        "report": report,
        "state": run_state_cell(report.state),
        "is_running": report.state is CaseRunState.RUNNING,
        "rows": [_row(line) for line in report.lines],
        "cost": _cost(report),
        "may_test": may_test(request),
    }
    if request.GET.get("part") == "report":
        return TemplateResponse(
            request, "admin/conversations/prompttemplate/run_report.html", context
        )
    page = {
        **admin.admin_site.each_context(request),
        "title": _("Run of the test cases"),
        "subtitle": template.name,
        "crumbs": cases_crumbs(template),
        **context,
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/run.html", page)


def run_stop_page(
    _admin: Admin, request: HttpRequest, template: PromptTemplate, run: int
) -> HttpResponse:
    """Stop a run, whichever process works on it."""
    if not may_test(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    run_stop(run=_run_find(template, run))
    return HttpResponseRedirect(run_url(template, run))


def run_url(template: PromptTemplate, run: int) -> str:
    """Return the address of a run."""
    return reverse("admin:conversations_prompttemplate_run", args=[template.pk, run])


def _run_find(template: PromptTemplate, number: int) -> PromptCaseRun:
    run = template.case_runs.select_related("live", "started_by").filter(pk=number).first()
    if run is None:
        raise Http404
    return run


def _row(line: CaseLine) -> dict[str, object]:
    return {"line": line, "draft": _side(line.draft), "live": _side(line.live)}


def _side(result: PromptCaseResult | None) -> dict[str, object] | None:
    if result is None:
        return None
    tokens = (result.prompt_tokens, result.completion_tokens)
    return {
        "cell": result_cell(result),
        "html": answer_html(result.answer),
        "fault": fault_words(result.error_code) if result.error_code else "",
        "findings": findings(result),
        "tokens": " + ".join(map(str, tokens)) if None not in tokens else "",
        "cost": cells.money(result.cost, result.currency) if result.cost is not None else "",
        "model": f"{result.provider} · {result.model}" if result.provider else "",
    }


def _cost(report: RunReport) -> str:
    parts = [cells.money(amount, currency) for currency, amount in report.costs().items()]
    if unpriced := report.unpriced():
        parts.append(_("%(count)d answers of unknown cost") % {"count": unpriced})
    return " + ".join(parts)
