"""What housekeeping does for the gateway, and how often."""

from __future__ import annotations

import logging

from django.utils import timezone

from gateway import processes
from gateway.attention import keys_due
from gateway.db import db
from gateway.housekeeping import job
from gateway.runtime import resting, streams
from gateway.services import keys_retire_drained

logger = logging.getLogger(__name__)

processes.counts_register("streams", streams)
processes.counts_register("resting", resting)


@job(name="gateway.beat", every_seconds=processes.BEAT_SECONDS, everywhere=True)
async def beat() -> None:
    """Say that this process lives, and what it has to do."""
    await db.write(processes.process_beat, processes.counts_read())


@job(name="gateway.forget_processes", every_seconds=600)
def forget_processes() -> None:
    """Forget processes that were killed before they could leave."""
    processes.processes_forget()


@job(name="gateway.retire_drained_keys", every_seconds=processes.BEAT_SECONDS)
def retire_drained_keys() -> None:
    """Retire replaced keys once their last call has ended."""
    keys_retire_drained()


@job(name="gateway.warn_of_due_keys", every_seconds=24 * 3600)
def warn_of_due_keys() -> None:
    """Say once a day which keys must be replaced soon."""
    for key, due in keys_due(timezone.localdate()):
        logger.warning(
            "Key %s of %s must be replaced by %s: %s.",
            key.label,
            key.provider.slug,
            due.on.isoformat(),
            due.reason,
        )
