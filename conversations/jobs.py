"""What housekeeping does for conversations, and how often."""

from __future__ import annotations

from conversations.chat.leases import conversations_waiting
from conversations.chat.runs import runs
from gateway.db import db
from gateway.housekeeping import job


@job(name="conversations.recover_replies", every_seconds=2)
async def recover_replies() -> None:
    """Answer what nobody works on: its process died, or it was released."""
    for conversation in await db(conversations_waiting):
        runs().call(conversation)
