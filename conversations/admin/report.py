"""The report: how conversations went over some days; each number opens those it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from conversations.admin.conversation_words import began_words
from conversations.admin.csv_file import csv_response
from conversations.admin.report_form import DEFAULT_DAYS, SPANS, ReportForm, address_of, list_query
from conversations.admin.report_tables import Number, percent, tables_of
from conversations.models import Judgement
from conversations.review.access import Access, access_of
from conversations.review.questions import MOST_QUESTIONS
from conversations.review.report import Choice, Report, report_read


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that matters, with the numbers it is made of.

    Args:
        title: What it is.
        figure: The number, or a share in words.
        parts: Numbers it is made of, each with its words before and after.
        text: What else to know.
    """

    title: str
    figure: Number | str
    parts: Sequence[tuple[str, Number]] = ()
    text: str = ""


def report_urls(site: admin.AdminSite) -> list[URLPattern]:
    """Return the report's addresses below the admin's."""
    return [
        path("conversations/report/", site.admin_view(report_page), name="conversations_report"),
        path(
            "conversations/report/<slug:table>.csv",
            site.admin_view(report_file),
            name="conversations_reportfile",
        ),
    ]


@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    """Show the report on the days and conversations that the address chooses."""
    access = _access(request)
    form = ReportForm(request.GET)
    form.is_valid()
    choice = form.choice(timezone.now())
    report = report_read(choice, with_questions=access.text)
    address, days = address_of(choice), request.GET.get("days", "")
    has_days = form.data.get("first") or form.data.get("last")
    chosen_days = "" if has_days else days or str(DEFAULT_DAYS)
    return TemplateResponse(
        request,
        "admin/conversations/report/report.html",
        {
            **admin.site.each_context(request),
            "title": _("Report"),
            "crumbs": [
                (_("Conversations"), reverse("admin:conversations_conversation_changelist"))
            ],
            "form": form,
            "days": began_words(choice.began),
            "zone": choice.began.zone,
            "site_zone": settings.TIME_ZONE,
            "spans": [
                (count, address_of(choice, days=str(count)), str(count) == chosen_days)
                for count in SPANS
            ],
            "address": address,
            "tiles": _tiles(report, choice),
            "tables": tables_of(report, choice, access)[1:],
            "is_empty": not report.total.conversations,
            "most_questions": MOST_QUESTIONS,
        },
    )


@require_safe
def report_file(request: HttpRequest, table: str) -> HttpResponse:
    """Answer with one table of the report as CSV."""
    access = _access(request)
    form = ReportForm(request.GET)
    form.is_valid()
    choice = form.choice(timezone.now())
    report = report_read(choice, with_questions=access.text and table == "questions")
    for each in tables_of(report, choice, access):
        if each.slug == table:
            began = choice.began
            return csv_response(f"report-{table}-{began.first}-{began.last}", each.lines())
    raise Http404


def _access(request: HttpRequest) -> Access:
    access = access_of(request.user.has_perm)
    if not access.metadata:
        raise PermissionDenied
    return access


def _tiles(report: Report, choice: Choice) -> list[Tile]:
    total = report.total

    def number(value: int, **filters: str) -> Number:
        return Number(value, list_query(choice, filters))

    def ended(title: str, answers: int, conversations: int, sign: str) -> Tile:
        parts = [(_("In conversations"), number(conversations, sign=sign))]
        return Tile(title, number(answers, sign=sign), parts)

    each = total.turns / total.conversations if total.conversations else 0
    return [
        Tile(_("Conversations"), number(total.conversations)),
        Tile(
            _("Turns"),
            number(total.turns),
            text=_("%(count).1f in a conversation") % {"count": each} if each else "",
        ),
        Tile(
            _("Rated helpful"),
            percent(total.helpful_share),
            [
                (_("Helpful"), number(total.helpful, rating="up")),
                (_("Not helpful"), number(total.unhelpful, rating="down")),
            ],
        ),
        Tile(
            _("Verdicts good"),
            percent(total.good_share),
            [
                (_("Good"), number(total.good, verdict=Judgement.GOOD)),
                (_("Other than good"), number(total.faulted, verdict="faulted")),
            ],
        ),
        ended(_("Failed answers"), total.failed_replies, total.failed, sign="failed"),
        ended(_("Stopped answers"), total.stopped_replies, total.stopped, sign="stopped"),
    ]
