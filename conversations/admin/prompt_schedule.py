"""Scheduling a version, and calling it off: asked first, told afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.prompt_forms import DespiteForm, NoteForm, WithRunningForm
from conversations.admin.prompt_links import (
    may_publish,
    needs_colleague,
    template_crumbs,
    version_find,
    workshop_url,
)
from conversations.admin.prompt_proof import is_red
from conversations.admin.prompt_publish import WITH_COMPARISON, comparison_context
from conversations.admin.prompt_room import room_warnings
from conversations.models import PromptSchedule, PromptTemplate, PromptVersion, ScheduleState
from conversations.prompt_errors import PromptError, PublishConflictError
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_cancel, schedule_create
from conversations.prompts.wallclock import moment_of, wall_text, zones
from conversations.schedule_errors import WallClockError
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person

Admin = Page[PromptTemplate]


class ScheduleForm(DespiteForm, WithRunningForm, NoteForm):
    """When a version comes and goes; ``seen`` is the moment of the draft one looked at."""

    starts_at = forms.CharField(
        label=gettext_lazy("goes live"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        help_text=gettext_lazy("Empty for at once."),
    )
    ends_at = forms.CharField(
        label=gettext_lazy("ends"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        help_text=gettext_lazy("Then the version before it comes back; empty for never."),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("time zone"),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in zones()],
        help_text=gettext_lazy("Where the clock hangs that you read."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("starts_at", "ends_at", "zone", "despite", "with_running", "note", "seen")

    def clean(self) -> dict[str, Any]:
        """Turn both times into moments, or say at which of them one cannot."""
        said = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            said[name] = self._moment(name, said.get(name) or "", said.get("zone") or "")
        if not self.errors and not said["starts_at"] and not said["ends_at"]:
            raise ValidationError(_("Say when it goes live, or when it ends."))
        return said

    def _moment(self, name: str, shown: str, zone: str) -> datetime | None:
        if not shown:
            return None
        try:
            return moment_of(datetime.fromisoformat(shown).replace(tzinfo=None), zone)
        except ValueError:
            self.add_error(name, _("Write day and time, as in 2026-11-27 09:00."))
        except WallClockError as error:
            self.add_error(name, str(error.explanation))
        return None


def schedule_page(
    admin: Admin, request: HttpRequest, template: PromptTemplate, number: int | None = None
) -> HttpResponse:
    """Ask for the hours of the draft, or of a numbered version, and schedule it when told to."""
    if not may_publish(request):
        raise PermissionDenied
    version = (
        template.versions.filter(number=None).first()
        if number is None
        else version_find(template, number)
    )
    seen = "" if version is None else version.changed_at.isoformat()
    initial = {"zone": settings.TIME_ZONE, "seen": seen, "note": version.note if version else ""}
    form = ScheduleForm(request.POST or None, initial=initial, is_red=is_red(template, version))
    if request.method == "POST" and form.is_valid():
        done = _schedule(admin, request, template, version, form)
        if done is not None:
            return done
    if version is None:
        messages.info(request, _("There is no draft to schedule."))
        return HttpResponseRedirect(workshop_url(template))
    if request.method != "POST" and needs_colleague(request, template, version):
        return HttpResponseRedirect(workshop_url(template))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_schedule_title(template, version),
            consequences=_schedule_consequences(template, version),
            action=_("Schedule"),
            back=workshop_url(template),
            crumbs=template_crumbs(template),
            form=form,
        ),
        template=WITH_COMPARISON,
        **comparison_context(template.live, version),
    )


def cancel_page(
    admin: Admin, request: HttpRequest, template: PromptTemplate, schedule: int
) -> HttpResponse:
    """Ask before a schedule is called off, and do it when told to."""
    if not may_publish(request):
        raise PermissionDenied
    row = template.schedules.select_related("version__template").filter(pk=schedule).first()
    if row is None:
        raise Http404
    form = CancelForm(request.POST or None, initial={"seen": row.state})
    if request.method == "POST" and form.is_valid():
        return _cancel(admin, request, template, row, form.cleaned_data["seen"])
    if not row.is_open:
        messages.info(request, _("This schedule is over: there is nothing to cancel."))
        return HttpResponseRedirect(workshop_url(template))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Cancel what is scheduled for %(version)s?") % {"version": row.version},
            consequences=_cancel_consequences(row),
            action=_("Cancel the schedule"),
            back=workshop_url(template),
            crumbs=template_crumbs(template),
            form=form,
        ),
    )


class CancelForm(forms.Form):
    """``seen`` is where the schedule stood when the person looked."""

    seen = forms.CharField(widget=forms.HiddenInput)


def _schedule(
    admin: Admin,
    request: HttpRequest,
    template: PromptTemplate,
    version: PromptVersion | None,
    form: ScheduleForm,
) -> HttpResponse | None:
    """Schedule it; None if the form must be shown again with what is wrong."""
    said = form.cleaned_data
    try:
        row = schedule_create(
            version=_as_seen(version, said["seen"]),
            hours=Hours(said["starts_at"], said["ends_at"], said["zone"]),
            with_running=said["with_running"],
            note=said["note"],
            despite=form.excuse,
            by=person(request),
        )
    except PublishConflictError as error:
        messages.error(request, str(error.explanation))
        return HttpResponseRedirect(workshop_url(template))
    except PromptError as error:
        form.add_error(None, str(error.explanation))
        return None
    words = {"version": row.version.label, "when": wall_text(row.starts_at, row.zone)}
    admin.log_change(request, template, _("Scheduled %(version)s for %(when)s.") % words)
    messages.success(request, _scheduled_text(row))
    return HttpResponseRedirect(workshop_url(template))


def _as_seen(version: PromptVersion | None, seen: str) -> PromptVersion:
    if version is None or version.changed_at.isoformat() != seen:
        raise PublishConflictError
    return version


def _cancel(
    admin: Admin, request: HttpRequest, template: PromptTemplate, row: PromptSchedule, seen: str
) -> HttpResponse:
    row.state = seen
    try:
        schedule_cancel(schedule=row, by=person(request))
    except PromptError as error:
        messages.error(request, str(error.explanation))
        return HttpResponseRedirect(workshop_url(template))
    words = {"version": row.version.label}
    admin.log_change(request, template, _("Cancelled the schedule of %(version)s.") % words)
    messages.success(request, _("The schedule of %(version)s is cancelled.") % words)
    return HttpResponseRedirect(workshop_url(template))


def _schedule_title(template: PromptTemplate, version: PromptVersion) -> str:
    if version.is_draft:
        return _("Schedule the draft of “%(name)s”") % {"name": template.name}
    return _("Schedule %(version)s") % {"version": version}


def _schedule_consequences(template: PromptTemplate, version: PromptVersion) -> list[str]:
    sentences = [
        _("It happens by itself, whoever is at work; you can cancel it until then."),
        _("If somebody publishes or goes back in the meantime, the end changes nothing."),
    ]
    if version.is_draft:
        sentences.insert(
            0, _("The draft gets its number now: what goes live is what you read here.")
        )
    if template.live_id == version.pk:
        return [_("It is live already: leave the start empty to give it an end."), *sentences]
    return sentences + room_warnings(PromptContent.of(version))


def _cancel_consequences(row: PromptSchedule) -> list[str]:
    if row.state == ScheduleState.RUNNING:
        return [
            _("%(version)s stays live; it does not end by itself any more.")
            % {"version": row.version.label}
        ]
    return [
        _("%(version)s does not go live on %(when)s.")
        % {"version": row.version.label, "when": wall_text(row.starts_at, row.zone)},
        _("It stays in the list of versions; you can publish or schedule it at any time."),
    ]


def _scheduled_text(row: PromptSchedule) -> str:
    words = {"version": str(row.version), "when": wall_text(row.starts_at, row.zone)}
    if row.ends_at is not None:
        words["end"] = wall_text(row.ends_at, row.zone)
    if row.state == ScheduleState.WAITING:
        return _("%(version)s goes live on %(when)s.") % words
    return _("%(version)s is live, and ends on %(end)s.") % words
