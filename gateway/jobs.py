"""What housekeeping does for the gateway, and how often."""

from __future__ import annotations

from gateway import processes
from gateway.db import db
from gateway.housekeeping import job
from gateway.runtime import streams
from gateway.services import keys_retire_drained

processes.counts_register("streams", streams)


@job(name="gateway.beat", every_seconds=processes.BEAT_SECONDS, everywhere=True)
async def beat() -> None:
    """Say that this process lives, and what it has to do."""
    await db.write(processes.process_beat, processes.counts_read())


@job(name="gateway.forget_processes", every_seconds=600)
def forget_processes() -> None:
    """Forget processes that were killed before they could leave."""
    processes.processes_forget()


@job(name="gateway.retire_drained_keys", every_seconds=30)
def retire_drained_keys() -> None:
    """Retire replaced keys once their last call has ended."""
    keys_retire_drained()
