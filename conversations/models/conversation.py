"""Conversations, their messages, and how each reply came to be.

Two numbers order everything. ``position`` is a message's place in its conversation, and its
name on the wire. ``revision`` grows by one with each change of the conversation that sockets
must hear of; a message carries the revision of its last change, so "what has changed since
revision 7" is one query, after a reload as after a lost poke.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.prompt import PromptVersion
from conversations.models.widget import Widget


class Conversation(models.Model):
    """A visitor's exchange with the bot on one widget."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    widget = models.ForeignKey(
        Widget, on_delete=models.PROTECT, related_name="conversations", verbose_name=_("widget")
    )
    visitor = models.UUIDField(_("visitor"), editable=False)
    prompt_version = models.ForeignKey(
        PromptVersion,
        on_delete=models.PROTECT,
        related_name="conversations",
        verbose_name=_("prompt version"),
    )
    locale = models.CharField(_("language"), max_length=16, blank=True)
    page_url = models.CharField(_("page"), max_length=500, blank=True)
    opening = models.CharField(_("first words"), max_length=120, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    message_count = models.PositiveIntegerField(_("messages"), default=0, editable=False)
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    active_at = models.DateTimeField(_("last activity"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-active_at",)
        indexes = (
            models.Index(
                fields=("widget", "visitor", "-active_at"), name="conversation_of_visitor"
            ),
            models.Index(fields=("-active_at",), name="conversation_by_activity"),
        )

    def __str__(self) -> str:
        return self.opening or str(self.id)


class Author(models.TextChoices):
    """Who wrote a message."""

    CUSTOMER = "customer", _("Customer")
    ASSISTANT = "assistant", _("Assistant")


class Message(models.Model):
    """Something said; a message of the assistant has a Reply that tells how it came to be."""

    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="messages",
        verbose_name=_("conversation"),
    )
    position = models.PositiveIntegerField(_("position"))
    revision = models.PositiveIntegerField(default=0, editable=False)
    author = models.CharField(_("author"), max_length=10, choices=Author.choices)
    client_id = models.UUIDField(
        null=True, editable=False, help_text=_("Made by the browser, so that a repeat is harmless")
    )
    text = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("conversation", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "position"), name="message_position_unique"
            ),
            models.UniqueConstraint(
                fields=("conversation", "client_id"),
                condition=Q(client_id__isnull=False),
                name="message_client_id_unique",
            ),
        )
        indexes = (models.Index(fields=("conversation", "revision"), name="message_by_revision"),)

    def __str__(self) -> str:
        return self.text[:60]


class ReplyStatus(models.TextChoices):
    """Where a reply stands; the last four are final until the customer tries again."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    COMPLETE = "complete", _("Complete")
    STOPPED = "stopped", _("Stopped")
    INTERRUPTED = "interrupted", _("Interrupted")
    FAILED = "failed", _("Failed")


OPEN_STATUSES = (ReplyStatus.QUEUED, ReplyStatus.RUNNING)


class Reply(models.Model):
    """The making of one answer: the database is its queue, a lease says who works on it.

    Every write of a run is conditional on ``owner`` and ``attempt``, so a process that was
    frozen and wakes up changes nothing.
    """

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, related_name="reply"
    )
    question = models.OneToOneField(
        Message, on_delete=models.CASCADE, related_name="answer", verbose_name=_("question")
    )
    prompt_version = models.ForeignKey(
        PromptVersion,
        on_delete=models.PROTECT,
        related_name="replies",
        verbose_name=_("prompt version"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=ReplyStatus.choices, default=ReplyStatus.QUEUED
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    recoveries = models.PositiveSmallIntegerField(
        default=0, help_text=_("Attempts begun without the customer asking; one is allowed")
    )
    owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    stop_requested_at = models.DateTimeField(null=True)
    provider = models.CharField(_("provider"), max_length=50, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    key_label = models.CharField(_("key"), max_length=80, blank=True)
    finish_reason = models.CharField(_("finish reason"), max_length=12, blank=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), null=True)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), null=True)
    first_token_ms = models.PositiveIntegerField(_("first token"), null=True)
    total_ms = models.PositiveIntegerField(_("total time"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        indexes = (
            models.Index(
                fields=("lease_until",),
                condition=Q(status__in=("queued", "running")),
                name="reply_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.status} #{self.attempt}"

    @property
    def is_open(self) -> bool:
        """Whether the reply still waits or runs."""
        return self.status in OPEN_STATUSES
