"""The way to a person: when a widget offers it, and what customers leave for the team."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation

NAME_CHARACTERS = 80
TEXT_CHARACTERS = 4_000
NOTE_CHARACTERS = 500


class TeamMessage(models.Model):
    """What a customer left for the team, open until somebody closes it.

    The row is its own mail queue: ``mail_due_at`` says when the recipients are written to, and
    nothing is due any more once they were. So what is committed is sent, whoever dies meanwhile.
    """

    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="team_messages",
        verbose_name=_("conversation"),
    )
    client_id = models.UUIDField(
        editable=False, help_text=_("Made by the browser, so that a repeat is harmless")
    )
    name = models.CharField(_("name"), max_length=NAME_CHARACTERS, blank=True)
    email = models.EmailField(_("e-mail"))
    text = models.TextField(_("text"), max_length=TEXT_CHARACTERS)
    left_at = models.DateTimeField(_("left"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("closed by"),
    )
    note = models.CharField(_("note"), max_length=NOTE_CHARACTERS, blank=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=40, blank=True)
    mailed_at = models.DateTimeField(_("e-mail sent"), null=True)

    class Meta:
        verbose_name = _("message for the team")
        verbose_name_plural = _("messages for the team")
        ordering = ("left_at", "pk")
        default_permissions = ()
        permissions = (("close_teammessage", _("Can close what customers left for the team")),)
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "client_id"), name="team_message_client_id_unique"
            ),
        )
        indexes = (
            models.Index(
                fields=("conversation",), condition=Q(closed_at=None), name="team_message_open"
            ),
            models.Index(
                fields=("mail_due_at",),
                condition=Q(mail_due_at__isnull=False),
                name="team_message_mail",
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]
