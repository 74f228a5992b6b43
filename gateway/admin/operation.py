"""What runs where: processes and jobs, to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from gateway.admin_parts import cells
from gateway.admin_parts.page import ReadOnlyPage
from gateway.models import Job, Process


@admin.register(Process)
class ProcessAdmin(ReadOnlyPage[Process]):
    """The processes that serve the site, by their heartbeats."""

    empty_title = _("No process has reported yet")
    empty_text = _("A process reports once it serves; runserver does not.")
    list_display = ("id", "standing", "heartbeat", "since")

    @admin.display(description=_("state"), ordering="is_draining")
    def standing(self, process: Process) -> str:
        if process.is_draining:
            return cells.state_cell(cells.RUNNING, _("Draining"))
        return cells.state_cell(cells.GOOD, _("Serves"))

    @admin.display(description=_("last heartbeat"), ordering="beat_at")
    def heartbeat(self, process: Process) -> str:
        return cells.moment_cell(process.beat_at)

    @admin.display(description=_("started"), ordering="started_at")
    def since(self, process: Process) -> str:
        return cells.moment_cell(process.started_at)


@admin.register(Job)
class JobAdmin(ReadOnlyPage[Job]):
    """The periodic jobs, and how their last run went."""

    empty_title = _("No job has run yet")
    empty_text = _("Jobs appear once a process serves the site.")
    list_display = ("name", "standing", "last_run", "number_took", "due")

    @admin.display(description=_("state"), ordering="last_error")
    def standing(self, job: Job) -> str:
        if job.last_error:
            return cells.state_cell(cells.BAD, _("Failed"), job.last_error)
        if job.last_run_at is None:
            return cells.state_cell(cells.QUIET, _("Not yet run"))
        return cells.state_cell(cells.GOOD, _("Runs"))

    @admin.display(description=_("last run"), ordering="last_run_at")
    def last_run(self, job: Job) -> str:
        return cells.moment_cell(job.last_run_at)

    @admin.display(description=_("took"), ordering="last_took_ms")
    def number_took(self, job: Job) -> str:
        return cells.duration(job.last_took_ms)

    @admin.display(description=_("due"), ordering="due_at")
    def due(self, job: Job) -> str:
        return cells.moment_cell(job.due_at)
