"""The settings of one embedded chat."""

from __future__ import annotations

import secrets
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.hours import Hours, hours_of
from conversations.models.prompt import PromptTemplate


def public_key_make() -> str:
    """Return a fresh public key: unguessable, yet no secret; it stands in the owner's page."""
    return secrets.token_urlsafe(12)


HEX_COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Six digits, as in #1f6feb"))


class Side(models.TextChoices):
    """The corner in which the launcher stands."""

    RIGHT = "right", _("Right")
    LEFT = "left", _("Left")


class Offer(models.TextChoices):
    """When a customer is offered to leave a message for the team."""

    ALWAYS = "always", _("Always, in the menu")
    REQUEST = "request", _("When a customer asks for a person")
    FAILURES = "failures", _("After answers that failed")
    AWAY = "away", _("Outside office hours")
    ASSISTANT = "assistant", _("When the assistant offers it, as its template says")


TEAM_FAILURES = 2


class Widget(models.Model):
    """One chat on one or more websites, known to them by its public key.

    ``name``, ``greeting``, ``suggested_questions``, ``placeholder``, ``launcher_label``,
    ``away_text`` and ``team_text`` are for every language that ``texts`` says nothing else for.
    """

    public_key = models.CharField(
        _("public key"), max_length=32, unique=True, default=public_key_make, editable=False
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("Shown in the chat's header"))
    allowed_origins = models.JSONField(
        _("allowed origins"),
        default=list,
        blank=True,
        help_text=_("Scheme, host and port of each website that may embed this chat"),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#1f6feb",
        validators=[HEX_COLOUR],
    )
    accent_dark = models.CharField(
        _("accent colour in the dark"), max_length=7, blank=True, validators=[HEX_COLOUR]
    )
    greeting = models.TextField(_("greeting"), max_length=500, blank=True)
    suggested_questions = models.JSONField(_("suggested questions"), default=list, blank=True)
    placeholder = models.CharField(_("words in the empty field"), max_length=80, blank=True)
    texts = models.JSONField(_("texts by language"), default=dict, blank=True)
    launcher_position = models.CharField(
        _("corner"), max_length=5, choices=Side.choices, default=Side.RIGHT
    )
    launcher_label = models.CharField(_("words beside the icon"), max_length=30, blank=True)
    launcher_hidden = models.BooleanField(_("hidden until the page shows it"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    office_hours = models.JSONField(_("office hours"), default=dict, blank=True)
    away_text = models.CharField(_("words outside office hours"), max_length=120, blank=True)
    retention_days = models.PositiveIntegerField(
        _("days a conversation is kept"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    is_masking = models.BooleanField(_("mask personal data"), default=False)
    forbidden_regions = models.JSONField(_("forbidden regions"), default=list, blank=True)
    team_offers = models.JSONField(_("offered"), default=list, blank=True)
    team_failures = models.PositiveSmallIntegerField(
        _("after so many failed answers"),
        default=TEAM_FAILURES,
        validators=[MinValueValidator(1)],
    )
    team_text = models.CharField(_("words of the offer"), max_length=200, blank=True)
    team_recipients = models.JSONField(_("who gets an e-mail"), default=list, blank=True)
    prompt_template = models.ForeignKey(
        PromptTemplate,
        on_delete=models.PROTECT,
        related_name="widgets",
        verbose_name=_("prompt template"),
    )
    is_verified_only = models.BooleanField(
        _("signed-in customers only"),
        default=False,
        help_text=_("Customers must be signed in at your website before they can write"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("widget")
        verbose_name_plural = _("widgets")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def hours(self) -> Hours:
        """Its office hours; in the site's time zone if it names none."""
        return hours_kept(self.office_hours, self.time_zone)


def hours_kept(office_hours: Any, time_zone: str) -> Hours:
    """Return the office hours that a widget's columns hold."""
    try:
        zone = ZoneInfo(time_zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):  # known to the host that saved it, not to ours
        zone = ZoneInfo(settings.TIME_ZONE)
    return hours_of(office_hours, zone)
