"""What was done to keys, by whom and why: written once, never changed, without any secret."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gateway.models.provider import ApiKey, Provider


class KeyDeed(models.TextChoices):
    """What happened."""

    ADDED = "added", pgettext_lazy("what was done", "Added")
    TESTED = "tested", _("Tested")
    REFUSED = "refused", _("Not taken, its test failed")
    REPLACED = "replaced", _("Replaced")
    CALLED_OFF = "called_off", _("Rotation called off")
    ENTERED = "entered", _("Entered again")
    ADJUSTED = "adjusted", _("Settings changed")
    PAUSED = "paused", _("Paused")
    RESUMED = "resumed", _("Resumed")
    EXHAUSTED = "exhausted", _("Quota spent")
    REVOKED = "revoked", _("Revoked by the provider")
    OUTDATED = "outdated", _("Address changed")
    RETIRED = "retired", _("Retired")
    VIEWED = "viewed", _("Looked at")


class KeyEvent(models.Model):
    """One deed; the key is None if the provider never got it."""

    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="events", verbose_name=_("provider")
    )
    key = models.ForeignKey(
        ApiKey,
        null=True,
        on_delete=models.PROTECT,
        related_name="events",
        verbose_name=_("API key"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("who"),
    )
    deed = models.CharField(_("what"), max_length=12, choices=KeyDeed.choices)
    reason = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("key event")
        verbose_name_plural = _("key events")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("key", "-at"), name="keyevent_by_key"),
            models.Index(fields=("provider", "-at"), name="keyevent_by_provider"),
        )

    def __str__(self) -> str:
        return f"{self.deed} {self.key_id}"
