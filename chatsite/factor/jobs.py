"""What housekeeping does for second factors, and which secrets it is to keep an eye on."""

from __future__ import annotations

from django.utils import timezone

from chatsite.factor.journal import events_forget
from chatsite.factor.services import secrets_kept
from gateway.housekeeping import job
from gateway.sealed import sealed_register

sealed_register(secrets_kept)


@job(name="chatsite.factor", every_seconds=6 * 3600)
def events_tidy() -> None:
    """Forget old events of second factors."""
    events_forget(timezone.now())
