"""What must be kept although somebody would have it gone, and what was done with people's data."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation
from conversations.models.customer import Customer

REASON_CHARACTERS = 500
QUERY_CHARACTERS = 500


class Hold(models.Model):
    """A conversation, or all of a customer's, that nothing and nobody erases for now.

    It goes with what it holds once that is erased, for its reason may speak of somebody; that it
    was there is told by the deeds, without a word of it.
    """

    conversation = models.ForeignKey(
        Conversation,
        null=True,
        on_delete=models.CASCADE,
        related_name="holds",
        verbose_name=_("conversation"),
    )
    customer = models.ForeignKey(
        Customer,
        null=True,
        on_delete=models.CASCADE,
        related_name="holds",
        verbose_name=_("customer"),
    )
    reason = models.TextField(_("reason"), validators=[MaxLengthValidator(REASON_CHARACTERS)])
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("set by"),
    )
    set_at = models.DateTimeField(_("set"), default=timezone.now)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ("-set_at",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(conversation=None) ^ Q(customer=None), name="hold_of_one_thing"
            ),
            models.UniqueConstraint(
                fields=("conversation",),
                condition=Q(lifted_at=None),
                name="hold_once_a_conversation",
            ),
            models.UniqueConstraint(
                fields=("customer",), condition=Q(lifted_at=None), name="hold_once_a_customer"
            ),
        )

    def __str__(self) -> str:
        return self.reason[:60]


class DeedKind(models.TextChoices):
    """What was done with people's data."""

    EXPORTED = "exported", _("Exported conversations")
    PRINTED = "printed", _("Opened to print")
    HANDED_OUT = "handed_out", _("Exported a customer's data")
    ERASED = "erased", _("Erased a customer's data")
    HELD = "held", _("Put on hold")
    RELEASED = "released", _("Lifted a hold")


class DataDeed(models.Model):
    """That somebody took data out, erased it or kept it from being erased; not a word of it.

    It is written before the first byte leaves the house, and once more at the end: one that has
    no end broke off with its process.
    """

    kind = models.CharField(_("what"), max_length=12, choices=DeedKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=150, blank=True)
    began_at = models.DateTimeField(_("when"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    is_whole = models.BooleanField(_("came to its end"), default=False)
    conversation = models.UUIDField(_("conversation's id"), null=True)
    customer = models.UUIDField(_("customer's id"), null=True)
    query = models.CharField(_("filters"), max_length=QUERY_CHARACTERS, blank=True)
    style = models.CharField(_("format"), max_length=8, blank=True)
    has_notes = models.BooleanField(_("with internal notes"), default=False)
    has_identity = models.BooleanField(_("with names and addresses"), default=False)
    conversation_count = models.PositiveIntegerField(_("conversations"), default=0)
    message_count = models.PositiveIntegerField(_("messages"), default=0)
    held_count = models.PositiveIntegerField(_("kept by a hold"), default=0)

    class Meta:
        verbose_name = _("entry of the data log")
        verbose_name_plural = _("data log")
        ordering = ("-began_at",)
        default_permissions = ("view",)
        indexes = (models.Index(fields=("-began_at",), name="data_deed_by_time"),)

    def __str__(self) -> str:
        return str(self.get_kind_display())
