"""Two versions of a template side by side, each on its share of the new conversations."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.prompt import PromptTemplate, PromptVersion


class PromptSplit(models.Model):
    """A split test: the live version keeps a share of new conversations, another gets the rest.

    It has no end while it runs; whatever moves the template's live pointer ends it.
    """

    template = models.ForeignKey(
        PromptTemplate, on_delete=models.PROTECT, related_name="splits", verbose_name=_("template")
    )
    control = models.ForeignKey(
        PromptVersion,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("live version"),
    )
    challenger = models.ForeignKey(
        PromptVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("challenger")
    )
    percent = models.PositiveSmallIntegerField(
        _("challenger's share, in percent"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("begun by"),
    )
    begun_at = models.DateTimeField(_("begun"), default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("split test")
        verbose_name_plural = _("split tests")
        ordering = ("-begun_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("template",), condition=Q(ended_at=None), name="one_split_per_template"
            ),
        )

    def __str__(self) -> str:
        return f"{self.control.label} · {self.challenger.label}"
