"""Answering what nobody works on: its process died, or let it go."""

from __future__ import annotations

from django.conf import settings

from conversations.chat.leases import conversations_waiting, leases_of_others_end
from conversations.chat.runs import runs
from gateway.db import db


async def replies_recover() -> None:
    """See to every conversation whose open replies nobody works on."""
    for conversation in await db(conversations_waiting):
        runs().call(conversation)


async def replies_inherit() -> None:
    """Take up at once, when a process starts, what the one before it has left.

    Only where there can be no other: among several processes a lease says who lives. If the old
    one still lived, it would find its replies lost and leave them to us.
    """
    if settings.PROCESSES == 1 and not settings.REDIS_URL:
        await db.write(leases_of_others_end, runs().owner)
    await replies_recover()
