"""**An export on its way out**: read, written and sent a batch at a time, and noted at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from django.db.models import QuerySet

from conversations.export.deeds import deed_end
from conversations.export.records import Contents, Place, batch_read
from conversations.export.styles import WRITINGS, Style
from conversations.models import Conversation, DataDeed
from gateway.db import db

# Customers who write come first: a batch waits for them, but not for ever.
PATIENCE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A batch as it stands in the file.

    Args:
        data: Its bytes.
        last: Where the next one begins; None behind the last.
        conversations: How many.
        messages: How many.
    """

    data: bytes
    last: Place | None
    conversations: int
    messages: int


async def exported(
    *,
    chosen: QuerySet[Conversation],
    style: Style,
    contents: Contents,
    deed: DataDeed,
    preface: str = "",
) -> AsyncGenerator[bytes, None]:
    """Yield a file's bytes, and note at the end, whatever it is, how much went out.

    No more than one batch is in memory. Who hangs up ends the work with the batch that is under
    way; the deed then says that it is not whole.

    Args:
        chosen: Which conversations.
        style: How they are written.
        contents: What of them.
        deed: The note that it began.
        preface: What stands before everything else.
    """
    conversations, messages, is_whole = 0, 0, False
    try:
        yield (preface + WRITINGS[style].head(contents)).encode()
        last = None
        while True:
            await db.calm(PATIENCE_SECONDS)
            part = await db(_part, chosen, last, style, contents)
            if part.last is None:
                break
            last = part.last
            conversations += part.conversations
            messages += part.messages
            yield part.data
        is_whole = True
    finally:
        noted = db.write(
            deed_end, deed, conversations=conversations, messages=messages, is_whole=is_whole
        )
        await asyncio.shield(noted)


def _part(
    chosen: QuerySet[Conversation], last: Place | None, style: Style, contents: Contents
) -> Part:
    batch = batch_read(chosen, last, contents)
    return Part(
        data=WRITINGS[style].write(batch.records, contents).encode(),
        last=batch.last,
        conversations=len(batch.records),
        messages=sum(len(record["messages"]) for record in batch.records),
    )
