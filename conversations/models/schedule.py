"""What goes live by itself, and when it goes again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.prompt import PromptMove, PromptTemplate, PromptVersion


class ScheduleState(models.TextChoices):
    """Where a schedule stands; all but the first two are final."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Live until its end")
    DONE = "done", _("Done")
    OVERTAKEN = "overtaken", _("Overtaken")
    MISSED = "missed", _("Missed")
    CANCELLED = "cancelled", _("Cancelled")


class PromptSchedule(models.Model):
    """A version that goes live at a moment and, if it has an end, goes again.

    Moments are kept in UTC; ``zone`` is where the person who chose them read their clock.
    """

    template = models.ForeignKey(
        PromptTemplate,
        on_delete=models.PROTECT,
        related_name="schedules",
        verbose_name=_("template"),
    )
    version = models.ForeignKey(
        PromptVersion,
        on_delete=models.PROTECT,
        related_name="schedules",
        verbose_name=_("version"),
    )
    starts_at = models.DateTimeField(_("goes live"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64)
    with_running = models.BooleanField(_("running conversations too"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ScheduleState.choices, default=ScheduleState.WAITING
    )
    start_move = models.ForeignKey(
        PromptMove,
        null=True,
        on_delete=models.PROTECT,
        related_name="starts_schedules",
        verbose_name=_("the move at its start"),
    )
    end_move = models.ForeignKey(
        PromptMove,
        null=True,
        on_delete=models.PROTECT,
        related_name="ends_schedules",
        verbose_name=_("the move at its end"),
    )
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("scheduled by"),
    )
    scheduled_at = models.DateTimeField(_("scheduled"), default=timezone.now)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("cancelled by"),
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)

    class Meta:
        verbose_name = _("scheduled version")
        verbose_name_plural = _("scheduled versions")
        ordering = ("-starts_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="schedule_ends_after_its_start",
            ),
        )
        indexes = (
            models.Index(
                fields=("starts_at",), condition=Q(state="waiting"), name="schedule_to_start"
            ),
            models.Index(fields=("ends_at",), condition=Q(state="running"), name="schedule_to_end"),
        )

    def __str__(self) -> str:
        return f"{self.version} · {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to happen."""
        return self.state in {ScheduleState.WAITING, ScheduleState.RUNNING}
