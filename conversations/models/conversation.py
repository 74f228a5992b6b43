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

from conversations.models.customer import Customer
from conversations.models.prompt import PromptVersion
from conversations.models.widget import Widget


class Outcome(models.TextChoices):
    """What the newest question of a conversation has come to."""

    OPEN = "open", _("Being answered")
    ANSWERED = "answered", _("Answered")
    STOPPED = "stopped", _("Stopped")
    BROKEN = "broken", _("Broke off")
    NONE = "none", _("No answer")


class Conversation(models.Model):
    """Somebody's exchange with the bot on one widget.

    It belongs to its customer if it has one, and else to the browser it began in: see
    ``identity/owner.py``, the one place that decides whose conversations are whose.

    From ``outcome`` on, what staff look for is kept beside it, written in the same statement as
    ``revision``: the newest reply's outcome, how many replies are failed or interrupted, whether
    the customer asked for a human, how often one question was asked, and the tokens spent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    widget = models.ForeignKey(
        Widget,
        on_delete=models.PROTECT,
        related_name="conversations",
        db_index=False,  # the indexes below begin with it
        verbose_name=_("widget"),
    )
    visitor = models.UUIDField(_("visitor"), editable=False)
    customer = models.ForeignKey(
        Customer,
        null=True,
        on_delete=models.PROTECT,
        related_name="conversations",
        db_index=False,  # the index below begins with it
        verbose_name=_("customer"),
        editable=False,
    )
    prompt_version = models.ForeignKey(
        PromptVersion,
        on_delete=models.PROTECT,
        related_name="conversations",
        db_index=False,  # the index below begins with it
        verbose_name=_("prompt version"),
    )
    locale = models.CharField(_("language"), max_length=16, blank=True)
    page_url = models.CharField(_("page"), max_length=500, blank=True)
    attributes = models.JSONField(_("what the website says"), default=dict, blank=True)
    opening = models.CharField(_("first words"), max_length=120, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    message_count = models.PositiveIntegerField(_("messages"), default=0, editable=False)
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=Outcome.choices, blank=True, editable=False
    )
    failed_count = models.PositiveIntegerField(_("failed replies"), default=0, editable=False)
    has_asked_for_human = models.BooleanField(_("asked for a human"), default=False, editable=False)
    most_repeated = models.PositiveIntegerField(_("same question"), default=0, editable=False)
    tokens = models.PositiveIntegerField(_("tokens"), default=0, editable=False)
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    active_at = models.DateTimeField(_("last activity"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-active_at",)
        permissions = (
            ("read_conversation_text", _("Can read what was said in conversations")),
            ("view_customer_identity", _("Can see who the customer of a conversation is")),
            ("export_conversation", _("Can export conversations")),
            ("hold_conversation", _("Can put conversations on hold, and lift holds")),
        )
        indexes = (
            models.Index(
                fields=("widget", "visitor", "-active_at"), name="conversation_of_visitor"
            ),
            models.Index(fields=("customer", "-active_at"), name="conversation_of_customer"),
            models.Index(fields=("-active_at",), name="conversation_by_activity"),
            models.Index(fields=("-created_at", "-id"), name="conversation_by_start"),
            # The newest of one kind: without the time in it, all of the kind would be sorted.
            models.Index(fields=("widget", "-active_at"), name="conversation_of_widget"),
            models.Index(fields=("prompt_version", "-active_at"), name="conversation_of_version"),
        )

    def __str__(self) -> str:
        return self.opening or str(self.id)

    @property
    def owner_id(self) -> uuid.UUID:
        """Whose it is: the customer's id, or the visitor's."""
        return self.customer_id or self.visitor


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
WENT_WRONG = (ReplyStatus.INTERRUPTED, ReplyStatus.FAILED)
# What a conversation has come to by what became of its newest reply. One that failed has said
# nothing; one that was interrupted broke off after its first words.
OUTCOMES = {
    ReplyStatus.QUEUED: Outcome.OPEN,
    ReplyStatus.RUNNING: Outcome.OPEN,
    ReplyStatus.COMPLETE: Outcome.ANSWERED,
    ReplyStatus.STOPPED: Outcome.STOPPED,
    ReplyStatus.INTERRUPTED: Outcome.BROKEN,
    ReplyStatus.FAILED: Outcome.NONE,
}


class Reply(models.Model):
    """The making of one answer: the database is its queue, a lease says who works on it.

    Every write of a run is conditional on ``owner`` and ``attempt``, so a process that was
    frozen and wakes up changes nothing. ``sent_digest`` is of the messages that the model was
    sent: they can be made again, and proved to be the same.
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
    sent_digest = models.CharField(max_length=64, blank=True, editable=False)
    offers_team = models.BooleanField(_("offered the team"), default=False, editable=False)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        permissions = (("view_sent", _("Can see the exact messages that were sent to a model")),)
        indexes = (
            models.Index(
                fields=("lease_until",),
                condition=Q(status__in=("queued", "running")),
                name="reply_open",
            ),
            models.Index(fields=("status",), condition=Q(status="stopped"), name="reply_stopped"),
        )

    def __str__(self) -> str:
        return f"{self.status} #{self.attempt}"

    @property
    def is_open(self) -> bool:
        """Whether the reply still waits or runs."""
        return self.status in OPEN_STATUSES

    @property
    def is_answered(self) -> bool:
        """Whether it has ended, and something was said."""
        return not self.is_open and bool(self.message.text.strip())
