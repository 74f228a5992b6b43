"""How the bot speaks: templates, their versions, and the log of what went live."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.prompt_errors import PublishedVersionError


class PromptTemplate(models.Model):
    """A way of speaking, with one draft, many versions, and a pointer to the live one."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    live = models.ForeignKey(
        "conversations.PromptVersion",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("live version"),
    )
    needs_second_person = models.BooleanField(
        _("a second person publishes"),
        default=False,
        help_text=_("Whoever wrote the newest change cannot publish it alone."),
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("prompt template")
        verbose_name_plural = _("prompt templates")
        ordering = ("name",)
        permissions = (("guard_prompttemplate", _("Can decide where a second person publishes")),)

    def __str__(self) -> str:
        return self.name


class PromptVersionQuerySet(models.QuerySet["PromptVersion"]):
    """Versions in bulk; for those that were published nothing changes in bulk, either."""

    def update(self, **fields: Any) -> int:
        """Change drafts; ``bulk_update`` comes this way, too.

        Raises:
            PublishedVersionError: One of them was published.
        """
        self._drafts_prove()
        return super().update(**fields)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete drafts.

        Raises:
            PublishedVersionError: One of them was published.
        """
        self._drafts_prove()
        return super().delete()

    def _drafts_prove(self) -> None:
        if self.filter(number__isnull=False).exists():
            raise PublishedVersionError


class PromptVersion(models.Model):
    """A draft while it has no number; from then on it never changes.

    ``variables`` is a list of ``{name, type, choices, source, attribute, default, sample,
    required}``; ``examples`` of ``{customer, answer}``; ``translations`` maps a language to
    ``{instructions, examples}``; ``route`` is a list of ``[provider, model]`` in order of
    preference, empty for the site's default. A number says that the version is final, not
    that it ever went live: it may wait for its hour.
    """

    template = models.ForeignKey(
        PromptTemplate,
        on_delete=models.PROTECT,
        related_name="versions",
        verbose_name=_("template"),
    )
    number = models.PositiveIntegerField(_("version"), null=True, editable=False)
    instructions = models.TextField(_("instructions"), max_length=60_000)
    examples = models.JSONField(_("examples"), default=list, blank=True)
    translations = models.JSONField(_("other languages"), default=dict, blank=True)
    variables = models.JSONField(_("variables"), default=list, blank=True)
    route = models.JSONField(_("route"), default=list, blank=True)
    temperature = models.FloatField(
        _("temperature"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(2)],
    )
    max_output_tokens = models.PositiveIntegerField(_("longest answer, in tokens"), default=800)
    history_tokens = models.PositiveIntegerField(_("history budget, in tokens"), default=3000)
    may_cache = models.BooleanField(
        _("repeat answers to repeated questions"),
        default=False,
        help_text=_("A first question asked again in the same words gets the same answer at once."),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("author"),
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)

    objects = PromptVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt version")
        verbose_name_plural = _("prompt versions")
        ordering = ("template", "-number")
        permissions = (
            ("publish_promptversion", _("Can publish")),
            ("revert_promptversion", _("Can roll back")),
            ("test_promptversion", _("Can try drafts and run test cases")),
        )
        constraints = (
            models.UniqueConstraint(fields=("template", "number"), name="version_number_unique"),
            models.UniqueConstraint(
                fields=("template",), condition=Q(number=None), name="one_draft_per_template"
            ),
        )

    def __str__(self) -> str:
        return f"{self.template} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change what was published; publishing itself is one conditional UPDATE.

        Raises:
            PublishedVersionError: The version is stored with a number already.
        """
        self._draft_prove()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse to delete what was published: replies point to it.

        Raises:
            PublishedVersionError: The version has a number.
        """
        self._draft_prove()
        return super().delete(*args, **kwargs)

    def _draft_prove(self) -> None:
        # What is stored counts: a number that was taken off in memory makes no draft.
        stored = PromptVersion.objects.filter(pk=self.pk, number__isnull=False)
        if not self._state.adding and stored.exists():
            raise PublishedVersionError

    @property
    def is_draft(self) -> bool:
        """Whether this version may still change."""
        return self.number is None

    @property
    def label(self) -> str:
        """The version as people call it: ``v3``, or "draft"."""
        return str(_("draft")) if self.number is None else f"v{self.number}"


class PromptMove(models.Model):
    """One move of a template's live pointer: from, to, who, when, why."""

    template = models.ForeignKey(
        PromptTemplate, on_delete=models.PROTECT, related_name="moves", verbose_name=_("template")
    )
    moved_from = models.ForeignKey(
        PromptVersion, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("from")
    )
    moved_to = models.ForeignKey(
        PromptVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("to")
    )
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    moved_at = models.DateTimeField(_("when"), default=timezone.now)
    reason = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("move of the live version")
        verbose_name_plural = _("moves of the live version")
        ordering = ("-moved_at", "-pk")

    def __str__(self) -> str:
        return f"{self.moved_from} → {self.moved_to}"
