"""What runs where: processes with their heartbeats, and the jobs they share."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Process(models.Model):
    """A running process of the site; a heartbeat older than a lease means it is gone."""

    id = models.CharField(primary_key=True, max_length=80, editable=False)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    beat_at = models.DateTimeField(_("last heartbeat"), default=timezone.now, db_index=True)
    is_draining = models.BooleanField(_("draining"), default=False)
    counts = models.JSONField(_("counts"), default=dict)

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")

    def __str__(self) -> str:
        return self.id


class Job(models.Model):
    """A periodic job; whichever process moves ``due_at`` on by one UPDATE runs it."""

    name = models.CharField(primary_key=True, max_length=80, editable=False)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    last_run_at = models.DateTimeField(_("last run"), null=True)
    last_took_ms = models.PositiveIntegerField(_("took"), null=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return self.name
