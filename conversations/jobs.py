"""What housekeeping does for conversations, and how often."""

from __future__ import annotations

from django.utils import timezone

from conversations.chat.limits import turnstile
from conversations.chat.presence import LOOK_SECONDS, endings_heed
from conversations.chat.recovery import replies_recover
from conversations.chat.runs import runs
from conversations.identity.revocations import revocations_forget
from conversations.privacy.retention import retention_apply
from conversations.privacy.traces import traces
from conversations.prompts.schedules import schedules_run
from conversations.proving.ledger import runs_interrupt
from conversations.team.mail import team_mail_deliver
from gateway.housekeeping import job
from gateway.processes import counts_register

counts_register("sockets", lambda: turnstile.sockets)


@job(name="conversations.recover_replies", every_seconds=2)
async def recover_replies() -> None:
    """Answer what nobody works on."""
    await replies_recover()


@job(name="conversations.run_schedules", every_seconds=2)
def run_schedules() -> None:
    """Let prompt versions go live, and go again, at their hours."""
    schedules_run()


@job(name="conversations.heed_revocations", every_seconds=LOOK_SECONDS, everywhere=True)
async def heed_revocations() -> None:
    """Close the sockets of those whose tokens were revoked, or whom a widget no longer lets in."""
    await endings_heed()


@job(name="conversations.forget_revocations", every_seconds=24 * 3600)
def forget_revocations() -> None:
    """Forget revocations of tokens that have expired since."""
    revocations_forget(timezone.now())


@job(name="conversations.apply_retention", every_seconds=24 * 3600)
async def apply_retention() -> None:
    """Erase conversations that have outlived their widget's days."""
    await retention_apply(timezone.now(), runs())


@job(name="conversations.deliver_team_mail", every_seconds=5)
async def deliver_team_mail() -> None:
    """Tell the team by e-mail what customers left for them."""
    await team_mail_deliver()


@job(name="conversations.interrupt_case_runs", every_seconds=10)
def interrupt_case_runs() -> None:
    """Say of runs of test cases that they are interrupted, if their process is silent."""
    runs_interrupt()


@job(name="conversations.sweep_traces", every_seconds=30, everywhere=True)
async def sweep_traces() -> None:
    """Leave nothing of what was erased in the database's file."""
    await traces.sweep_due()
