"""Test cases of a prompt template, and what became of them when they were run."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Reply
from conversations.models.prompt import PromptTemplate, PromptVersion


class PromptCase(models.Model):
    """A situation, and what must be true of the answer.

    ``variables`` is a dict of values by name; ``turns`` a list of ``{author, text}`` that ends
    with the customer; ``checks`` a list of ``{kind, text}``. A case that was made from a
    customer's conversation goes when the conversation is erased: it holds their words.
    """

    template = models.ForeignKey(
        PromptTemplate, on_delete=models.PROTECT, related_name="cases", verbose_name=_("template")
    )
    name = models.CharField(_("name"), max_length=120)
    variables = models.JSONField(_("variables"), default=dict, blank=True)
    turns = models.JSONField(_("turns"), default=list)
    checks = models.JSONField(_("checks"), default=list)
    is_active = models.BooleanField(_("active"), default=True)
    from_reply = models.ForeignKey(
        Reply,
        null=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="cases",
        verbose_name=_("made from the answer"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("test case")
        verbose_name_plural = _("test cases")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("template", "name"), name="case_name_unique"),
        )

    def __str__(self) -> str:
        return self.name


class CaseRunState(models.TextChoices):
    """Where a run stands; ``interrupted`` means that its process ended before it did."""

    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped")
    INTERRUPTED = "interrupted", _("Interrupted")


class PromptCaseRun(models.Model):
    """All active cases of a template, run on what is drafted and on what is live.

    ``draft`` and ``live`` are the bodies as they were; their digests tell later whether they
    still are. The owner moves ``beat_at`` on; a run whose owner is silent is interrupted.
    """

    template = models.ForeignKey(
        PromptTemplate,
        on_delete=models.PROTECT,
        related_name="case_runs",
        verbose_name=_("template"),
    )
    state = models.CharField(
        _("state"), max_length=12, choices=CaseRunState.choices, default=CaseRunState.RUNNING
    )
    draft_digest = models.CharField(max_length=64)
    live_digest = models.CharField(max_length=64, blank=True)
    live = models.ForeignKey(
        PromptVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("live version"),
    )
    total = models.PositiveIntegerField(_("answers"), default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    beat_at = models.DateTimeField(default=timezone.now)
    is_stop_requested = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("run of the test cases")
        verbose_name_plural = _("runs of the test cases")
        ordering = ("-started_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("template",), condition=Q(state="running"), name="one_case_run_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.template} {self.started_at:%Y-%m-%d %H:%M}"


class Side(models.TextChoices):
    """Which of the two bodies answered."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")


class PromptCaseResult(models.Model):
    """What one side answered to one case, and how the checks found it.

    ``verdicts`` is a list of ``{kind, text, passed, why}`` in the order of the case's checks.
    """

    run = models.ForeignKey(PromptCaseRun, on_delete=models.CASCADE, related_name="results")
    case = models.ForeignKey(PromptCase, on_delete=models.CASCADE, related_name="results")
    side = models.CharField(_("side"), max_length=5, choices=Side.choices)
    case_digest = models.CharField(max_length=64)
    is_passed = models.BooleanField(_("passed"))
    answer = models.TextField(_("answer"), blank=True)
    verdicts = models.JSONField(_("checks"), default=list)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    provider = models.CharField(_("provider"), max_length=50, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), null=True)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), null=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=8, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    ended_at = models.DateTimeField(_("ended"), default=timezone.now)

    class Meta:
        verbose_name = _("result of a test case")
        verbose_name_plural = _("results of test cases")
        ordering = ("case__name", "case", "side")
        constraints = (
            models.UniqueConstraint(fields=("run", "case", "side"), name="result_once_in_a_run"),
        )

    def __str__(self) -> str:
        return f"{self.case} {self.side}"
