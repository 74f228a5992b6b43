"""What housekeeping does for the site as a whole, and how often."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from chatsite.addresses import addresses_forget
from chatsite.logins import logins_forget
from gateway.housekeeping import job
from gateway.processes import ALIVE_SECONDS, processes_alive

logger = logging.getLogger(__name__)


@job(name="chatsite.processes", every_seconds=60)
def processes_prove() -> None:
    """Complain while several processes serve the site and none can hear the others.

    ``PROCESSES`` says what was meant, and is checked at the start; this says what is.
    """
    alive = len(processes_alive())
    if alive > 1 and not settings.REDIS_URL:
        logger.error(
            "%d processes serve the site, but without REDIS_URL they cannot hear each other. "
            "(One that was killed less than %d s ago still counts.)",
            alive,
            ALIVE_SECONDS,
        )


@job(name="chatsite.addresses", every_seconds=24 * 3600)
def addresses_tidy() -> None:
    """Make the addresses of old logins unreadable."""
    addresses_forget(timezone.now())


@job(name="chatsite.logins", every_seconds=6 * 3600)
def logins_tidy() -> None:
    """Forget old logins, and sessions that nobody can use any more."""
    logins_forget(timezone.now())
    SessionStore.clear_expired()
