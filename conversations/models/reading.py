"""What staff leave behind when they find and read conversations."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation


class SavedView(models.Model):
    """A choice of conversations under a name: filters and search as the list's address has them."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(_("for everybody"), default=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="saved_view_name_unique"),
        )

    def __str__(self) -> str:
        return self.name


class Reading(models.Model):
    """That somebody of the staff read a conversation: one row for each hour in which they did."""

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("read by"),
    )
    reader_name = models.CharField(_("name then"), max_length=150)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="readings",
        verbose_name=_("conversation"),
    )
    hour = models.DateTimeField(editable=False)
    read_at = models.DateTimeField(_("first read in that hour"), default=timezone.now)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ("-read_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "reader", "hour"), name="reading_once_an_hour"
            ),
        )
        indexes = (models.Index(fields=("-read_at",), name="reading_by_time"),)

    def __str__(self) -> str:
        return f"{self.reader_name} {self.hour:%Y-%m-%d %H}"
