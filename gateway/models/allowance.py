"""What operators allow: limits against haste, and budgets against cost."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gateway.models.provider import currency_validate


class Scope(models.TextChoices):
    """Whom a limit or a budget counts; the values are the engine's kinds of scopes."""

    PROVIDER = "provider", _("provider")
    KEY = "key", _("API key")
    MODEL = "model", _("model")
    WIDGET = "widget", _("widget")
    CUSTOMER = "customer", _("customer")
    ADDRESS = "address", _("address")


# The subject that stands for all of a kind that have no row of their own.
EACH = ""


class Limit(models.Model):
    """How much one of a kind may ask for; what is empty is not limited.

    ``subject`` is a provider's slug, a key's id, ``slug/model`` or a widget's id; empty means
    each one by itself.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=Scope.choices)
    subject = models.CharField(_("which one"), max_length=200, blank=True, default=EACH)
    requests_per_minute = models.PositiveIntegerField(
        _("requests per minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    burst = models.PositiveIntegerField(
        _("requests at once"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("After a quiet time so many may come together; empty for a minute's worth."),
    )
    tokens_per_minute = models.PositiveIntegerField(
        _("tokens per minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Prompt and answer together. A call that alone could need more is refused."),
    )
    concurrency = models.PositiveIntegerField(
        _("answers at a time"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        ordering = ("kind", "subject")
        constraints = (
            models.UniqueConstraint(fields=("kind", "subject"), name="limit_of_scope_unique"),
            models.CheckConstraint(
                condition=Q(requests_per_minute__isnull=False)
                | Q(tokens_per_minute__isnull=False)
                | Q(concurrency__isnull=False),
                name="limit_bounds_something",
                violation_error_message=_("Fill in requests, tokens, or answers at a time."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


class Budget(models.Model):
    """What one widget or one customer may cost from midnight to midnight, UTC."""

    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=[(kind.value, kind.label) for kind in (Scope.WIDGET, Scope.CUSTOMER)],
    )
    subject = models.CharField(_("which one"), max_length=200, blank=True, default=EACH)
    tokens = models.PositiveBigIntegerField(
        _("tokens per day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    money = models.DecimalField(
        _("money per day"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Only calls whose price is known count towards it."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="USD",
        validators=[currency_validate],
    )

    class Meta:
        verbose_name = _("daily budget")
        verbose_name_plural = _("daily budgets")
        ordering = ("kind", "subject")
        constraints = (
            models.UniqueConstraint(fields=("kind", "subject"), name="budget_of_scope_unique"),
            models.CheckConstraint(
                condition=Q(tokens__isnull=False) | Q(money__isnull=False),
                name="budget_bounds_something",
                violation_error_message=_("Fill in tokens, money, or both."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"
