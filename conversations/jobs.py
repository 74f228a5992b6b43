"""What housekeeping does for conversations, and how often."""

from __future__ import annotations

from conversations.chat.recovery import replies_recover
from gateway.housekeeping import job


@job(name="conversations.recover_replies", every_seconds=2)
async def recover_replies() -> None:
    """Answer what nobody works on."""
    await replies_recover()
