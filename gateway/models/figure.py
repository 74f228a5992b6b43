"""Sums over calls by minute, hour and day: what the dashboard and ``/metrics`` are drawn from."""

from __future__ import annotations

from django.db import models


class Period(models.IntegerChoices):
    """How much time a row sums up, in seconds; a call is counted once in each."""

    EVER = 0
    MINUTE = 60
    HOUR = 3600
    DAY = 86_400


class Figure(models.Model):
    """The sums of one place in one period, as ``gateway.figures.tally`` describes them.

    ``id`` is made from period, time and place, so that whoever counts finds the row unasked.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    period = models.PositiveIntegerField(choices=Period.choices)
    at = models.DateTimeField()
    facet = models.CharField(max_length=10)
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    calls = models.BigIntegerField(default=0)
    succeeded = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    cancelled = models.BigIntegerField(default=0)
    cached = models.BigIntegerField(default=0)
    shared = models.BigIntegerField(default=0)
    batch = models.BigIntegerField(default=0)
    attempts = models.BigIntegerField(default=0)
    faults = models.BigIntegerField(default=0)
    retries = models.BigIntegerField(default=0)
    rotations = models.BigIntegerField(default=0)
    waited_chat = models.BigIntegerField(default=0)
    waited_batch = models.BigIntegerField(default=0)
    wait_chat_ms = models.BigIntegerField(default=0)
    wait_batch_ms = models.BigIntegerField(default=0)
    total_ms = models.BigIntegerField(default=0)
    first_token_ms = models.BigIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    completion_tokens = models.BigIntegerField(default=0)
    uncounted = models.BigIntegerField(default=0)
    unpriced = models.BigIntegerField(default=0)
    dropped = models.BigIntegerField(default=0)
    cost = models.DecimalField(max_digits=20, decimal_places=8, default=0)
    total_times = models.BinaryField(default=bytes)
    first_times = models.BinaryField(default=bytes)
    waits = models.BinaryField(default=bytes)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=("period", "facet", "at"), name="figure_by_time"),)

    def __str__(self) -> str:
        return f"{self.facet}:{self.name} {self.at:%Y-%m-%d %H:%M}"
