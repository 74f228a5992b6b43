"""What housekeeping does for the gateway, and how often."""

from __future__ import annotations

import logging

from django.utils import timezone

from gateway import processes
from gateway.alerts.delivery import notices_deliver
from gateway.alerts.recipients import secrets_kept
from gateway.alerts.watch import alerts_read, alerts_settle, rules_ensure
from gateway.attention import keys_due
from gateway.db import db
from gateway.figures.keeping import figures_purge
from gateway.housekeeping import job
from gateway.runtime import resting, streams
from gateway.sealed import sealed_register
from gateway.services import calls_purge, keys_retire_drained

logger = logging.getLogger(__name__)

processes.counts_register("streams", streams)
processes.counts_register("resting", resting)
sealed_register(secrets_kept)


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


@job(name="gateway.purge_figures", every_seconds=60)
def purge_figures() -> None:
    """Forget figures and calls that are older than is kept, a batch at a time."""
    now = timezone.now()
    figures_purge(now=now)
    calls_purge(now=now)


@job(name="gateway.look_for_alerts", every_seconds=15)
async def look_for_alerts() -> None:
    """See whether anything is worth a message to operators."""
    await db.write(rules_ensure)
    now = timezone.now()
    await db.write(alerts_settle, await db(alerts_read, now), now)


@job(name="gateway.deliver_alerts", every_seconds=5)
async def deliver_alerts() -> None:
    """Send the messages that are due."""
    await notices_deliver()
