"""One row for each call: the ledger behind the dashboard and "why this answer"."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """How a call ended."""

    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Call(models.Model):
    """A call as telemetry recorded it; labels are opaque to the gateway.

    ``attempts`` is a list of ``{provider, model, key, wait_ms, status, error, took_ms}``,
    oldest first; it never holds a secret or a provider's words.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(_("started"), default=timezone.now, db_index=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    provider_status = models.PositiveSmallIntegerField(_("provider's status"), null=True)
    provider = models.CharField(_("provider"), max_length=50, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    key_label = models.CharField(_("key"), max_length=80, blank=True)
    attempts = models.JSONField(_("attempts"), default=list)
    queue_ms = models.PositiveIntegerField(_("waited in queue"), default=0)
    first_token_ms = models.PositiveIntegerField(_("first token"), null=True)
    total_ms = models.PositiveIntegerField(_("total time"), default=0)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), null=True)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), null=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=8, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    spent_tokens = models.PositiveIntegerField(
        default=0, help_text=_("What budgets count: estimated where nobody counted")
    )
    spent_cost = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    is_cached = models.BooleanField(_("from cache"), default=False)
    is_shared = models.BooleanField(_("shared"), default=False)
    is_batch = models.BooleanField(_("batch"), default=False)
    widget = models.CharField(max_length=40, blank=True)
    customer = models.CharField(max_length=40, blank=True)
    conversation = models.CharField(max_length=40, blank=True)
    reply = models.CharField(max_length=40, blank=True)
    prompt_version = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(
        _("purpose"),
        max_length=40,
        blank=True,
        default="",
        help_text=_("Empty for what a customer asked; “trial”, “test” or “judge” for staff's own"),
    )

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-started_at",)
        indexes = (
            models.Index(fields=("conversation", "reply"), name="call_by_reply"),
            models.Index(fields=("widget", "started_at"), name="call_by_widget"),
            models.Index(fields=("customer", "started_at"), name="call_by_customer"),
        )

    def __str__(self) -> str:
        return f"{self.model} {self.outcome}"
