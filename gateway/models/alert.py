"""What operators are told of by themselves: rules, how each stands, whom to tell, what was told."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AlertKind(models.TextChoices):
    """What is watched."""

    SUCCESS = "success_rate", _("Calls fail")
    KEY_DUE = "key_due", _("A key must be replaced soon")
    BUDGET = "budget", _("A budget is nearly spent")
    RESTING = "all_keys_resting", _("No key of a provider can be used")


class AlertRule(models.Model):
    """When one kind of trouble is worth a message; what ``threshold`` counts its kind says."""

    kind = models.CharField(_("alert"), max_length=20, choices=AlertKind.choices, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    threshold = models.PositiveSmallIntegerField(
        _("threshold"), default=0, validators=[MaxValueValidator(365)]
    )
    bad_minutes = models.PositiveSmallIntegerField(
        _("tell after so many minutes of trouble"),
        default=0,
        validators=[MaxValueValidator(1440)],
    )
    good_minutes = models.PositiveSmallIntegerField(
        _("call it over after so many good minutes"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(AlertKind(self.kind).label)


class AlertState(models.Model):
    """How a rule stands with one subject: a key, a widget, a provider, or all calls together.

    ``turning_since`` is when it began to look otherwise than ``is_firing`` says; None if it
    does not.
    """

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="states")
    subject = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)
    is_firing = models.BooleanField(default=False)
    turning_since = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("rule", "subject"), name="alert_subject_unique"),
        )

    def __str__(self) -> str:
        return f"{self.rule_id} {self.subject}"


class Channel(models.TextChoices):
    """How somebody is told."""

    MAIL = "mail", pgettext_lazy("how somebody is told", "E-mail")
    WEBHOOK = "webhook", pgettext_lazy("how somebody is told", "Webhook")


class AlertRecipient(models.Model):
    """Who is told; a webhook's secret is sealed for its address."""

    name = models.CharField(_("name"), max_length=80)
    channel = models.CharField(
        _("how"), max_length=10, choices=Channel.choices, default=Channel.MAIL
    )
    address = models.CharField(
        _("address"),
        max_length=400,
        help_text=_("An e-mail address, or the https address of a webhook"),
    )
    sealed_secret = models.TextField(blank=True, editable=False)
    is_private = models.BooleanField(
        _("in a private network"),
        default=False,
        help_text=_("Allows a webhook at an address that is not public, such as 10.0.0.5"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("alert recipient")
        verbose_name_plural = _("alert recipients")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class AlertEvent(models.TextChoices):
    """What a message says."""

    FIRED = "fired", pgettext_lazy("of an alert", "Began")
    CLEARED = "cleared", pgettext_lazy("of an alert", "Over")
    TEST = "test", pgettext_lazy("of an alert", "Test")


class AlertNotice(models.Model):
    """One message to one recipient; a process that moves ``due_at`` on by one UPDATE sends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(AlertRecipient, on_delete=models.CASCADE, related_name="notices")
    event = models.CharField(max_length=10, choices=AlertEvent.choices)
    kind = models.CharField(max_length=20, choices=AlertKind.choices, blank=True)
    name = models.CharField(max_length=200, blank=True)
    value = models.FloatField(null=True)
    threshold = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ("-at",)
        indexes = (models.Index(fields=("-at",), name="alert_notice_by_time"),)

    def __str__(self) -> str:
        return f"{self.event} {self.kind}"
