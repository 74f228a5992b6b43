"""What housekeeping does for the site as a whole, and how often."""

from __future__ import annotations

import logging

from django.conf import settings

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
