"""What people think of an answer, each kept apart from the other: here, the customer's rating."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Reply


class RatingValue(models.TextChoices):
    """A thumb."""

    UP = "up", _("Helpful")
    DOWN = "down", _("Not helpful")


class RatingReason(models.TextChoices):
    """Why the thumb points down."""

    NOT_HELPFUL = "not_helpful", _("Did not help")
    WRONG = "wrong", _("Wrong")
    INCOMPLETE = "incomplete", _("Incomplete")
    RUDE = "rude", _("Impolite")
    OTHER = "other", _("Something else")


class Rating(models.Model):
    """What a customer thinks of one answer; the last word counts, and may be withdrawn."""

    reply = models.OneToOneField(
        Reply, primary_key=True, on_delete=models.CASCADE, related_name="rating"
    )
    value = models.CharField(_("rating"), max_length=4, choices=RatingValue.choices)
    reason = models.CharField(_("reason"), max_length=12, choices=RatingReason.choices, blank=True)
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    rated_at = models.DateTimeField(_("rated"), default=timezone.now)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")

    def __str__(self) -> str:
        return self.get_value_display()
