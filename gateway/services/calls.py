"""Calls that have been kept for long enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from gateway.models import Call

PURGE_BATCH = 2000


def calls_purge(*, now: datetime) -> int:
    """Delete one batch of the calls older than ``CALL_DAYS``, and return how many.

    The figures keep what they added up to.
    """
    old = Call.objects.filter(started_at__lt=now - timedelta(days=settings.CALL_DAYS))
    batch = list(old.order_by("started_at").values_list("pk", flat=True)[:PURGE_BATCH])
    return Call.objects.filter(pk__in=batch).delete()[0]
