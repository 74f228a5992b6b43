"""The settings of one embedded chat."""

from __future__ import annotations

import secrets

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.prompt import PromptTemplate


def public_key_make() -> str:
    """Return a fresh public key: unguessable, yet no secret; it stands in the owner's page."""
    return secrets.token_urlsafe(12)


class Widget(models.Model):
    """One chat on one or more websites, known to them by its public key."""

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
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Six digits, as in #1f6feb"))],
    )
    greeting = models.TextField(_("greeting"), max_length=500, blank=True)
    suggested_questions = models.JSONField(_("suggested questions"), default=list, blank=True)
    prompt_template = models.ForeignKey(
        PromptTemplate,
        on_delete=models.PROTECT,
        related_name="widgets",
        verbose_name=_("prompt template"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("widget")
        verbose_name_plural = _("widgets")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
