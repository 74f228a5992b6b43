"""What staff think of a conversation: verdicts, notes, and whose turn it is to read it.

All of it is internal: no customer ever sees it, and none of it is the customer's own rating.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation, Reply


class Judgement(models.TextChoices):
    """What a reply was, in the eyes of staff."""

    GOOD = "good", _("Good")
    WRONG = "wrong", _("Wrong")
    INCOMPLETE = "incomplete", _("Incomplete")
    RUDE = "rude", _("Rude")
    SHOULD_REFUSE = "should_refuse", _("Should have refused")
    SHOULD_HAND_OVER = "should_hand_over", _("Should have called a person")


class Verdict(models.Model):
    """The newest judgement on a reply; ``attempt`` says which of its attempts was judged."""

    reply = models.OneToOneField(
        Reply, primary_key=True, on_delete=models.CASCADE, related_name="verdict"
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    judgement = models.CharField(_("verdict"), max_length=16, choices=Judgement.choices)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    should_have_said = models.TextField(
        _("what it should have said"), blank=True, validators=[MaxLengthValidator(8000)]
    )
    tags = models.JSONField(_("tags"), default=list, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    judged_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        indexes = (models.Index(fields=("judgement", "-judged_at"), name="verdict_by_kind"),)

    def __str__(self) -> str:
        return str(self.get_judgement_display())


class Note(models.Model):
    """What one of the staff leaves beside a conversation for the others."""

    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="notes",
        verbose_name=_("conversation"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("author"),
    )
    text = models.TextField(_("note"), validators=[MaxLengthValidator(4000)])
    created_at = models.DateTimeField(_("written"), default=timezone.now)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("created_at", "pk")

    def __str__(self) -> str:
        return self.text[:60]


class Review(models.Model):
    """Who reads a conversation, and up to which message somebody has.

    ``reviewed_count`` is the number of messages there were when it was done: what is said
    later has not been reviewed. An assignment that nobody touches lapses.
    """

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="review"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    assigned_at = models.DateTimeField(_("assigned"), null=True)
    reviewed_count = models.PositiveIntegerField(default=0)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    done_at = models.DateTimeField(_("reviewed"), null=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = (models.Index(fields=("done_by", "-done_at"), name="review_by_person"),)

    def __str__(self) -> str:
        return str(self.conversation_id)


class ReviewSkip(models.Model):
    """Somebody would rather not judge this conversation; the queue offers it to others."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="skips")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    message_count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("skip")
        verbose_name_plural = _("skips")
        constraints = (
            models.UniqueConstraint(fields=("conversation", "person"), name="skip_once"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.conversation_id}"
