"""The secrets with which a website signs who its customers are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.widget import Widget


class SigningSecret(models.Model):
    """A secret that a widget shares with its website; the row outlives it, for the record."""

    widget = models.ForeignKey(
        Widget, on_delete=models.PROTECT, related_name="signing_secrets", verbose_name=_("widget")
    )
    sealed_secret = models.TextField(blank=True, editable=False)
    last_four = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("added by"),
    )
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("retired by"),
    )

    class Meta:
        verbose_name = _("signing secret")
        verbose_name_plural = _("signing secrets")
        ordering = ("widget", "-created_at", "-pk")

    def __str__(self) -> str:
        return f"…{self.last_four}"

    @property
    def is_valid(self) -> bool:
        """Whether what it has signed is believed."""
        return self.retired_at is None
