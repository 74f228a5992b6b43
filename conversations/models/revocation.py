"""Tokens that are no longer believed, although their signature is right."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Revocation(models.Model):
    """Ends tokens by what they name: a visitor and a session for good, a customer's until then.

    A signed-in customer may come back with a new word from the website; a browser's visitor and
    a session never do, since each has a number of its own.
    """

    subject = models.UUIDField(primary_key=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), default=timezone.now, db_index=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("revoked by"),
        help_text=_("Nobody: the customer has signed out"),
    )

    class Meta:
        verbose_name = _("revocation")
        verbose_name_plural = _("revocations")
        ordering = ("-revoked_at",)

    def __str__(self) -> str:
        return str(self.subject)
