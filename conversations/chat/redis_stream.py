"""How words and pokes look in Redis: one stream for each reply, one for all pokes.

An entry of a reply's stream has the id ``attempt-number``. Redis refuses an id that is not
above the last one, so nobody can write behind the back of a newer attempt, nor twice as the
same one. An entry at offset 0 says everything so far, and heals whatever was lost before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.typing import EncodableT, FieldT

from conversations.chat.pokes import About, Poke
from conversations.chat.streamlog import Block, Delta

PREFIX = "{chatsite}:"  # in braces: a cluster keeps all of it in one slot
CONNECT_SECONDS = 1.0
BEGINNING = "0-0"

Fields: TypeAlias = Mapping[str, str]
Entry: TypeAlias = tuple[str, Fields]


def redis_connect(*, answer_seconds: float, url: str = "") -> Redis:
    """Return a client that gives up soon and never tries twice: its caller knows what to do.

    Args:
        answer_seconds: How long Redis may take; longer than any command that blocks.
        url: Where Redis is; the site's own by default.
    """
    client: Redis = Redis.from_url(
        url or settings.REDIS_URL,
        decode_responses=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), 0),
    )
    return client


class Keys:
    """The names of the streams.

    Args:
        prefix: What they all begin with.
    """

    def __init__(self, prefix: str = PREFIX) -> None:
        self.pokes = f"{prefix}pokes"
        self._reply = f"{prefix}reply:"

    def reply(self, reply: int) -> str:
        """Return the name of a reply's stream."""
        return f"{self._reply}{reply}"

    def reply_of(self, key: str) -> int:
        """Return the reply that a stream belongs to."""
        return int(key.removeprefix(self._reply))


async def streams_read(
    redis: Redis, after: Mapping[str, str], *, count: int, block_seconds: float
) -> list[tuple[str, list[Entry]]]:
    """Wait for entries behind the given ids, one for each stream, and return what there is."""
    streams: dict[Any, Any] = dict(after)
    milliseconds = round(block_seconds * 1000)
    found: Any = await redis.xread(streams, count=count, block=milliseconds)
    return found or []


async def stream_end(redis: Redis, key: str) -> str:
    """Return the id of a stream's last entry."""
    last: Any = await redis.xrevrange(key, count=1)
    return last[0][0] if last else BEGINNING


def delta_write(delta: Delta) -> dict[FieldT, EncodableT]:
    """Return a delta as the fields of an entry; its attempt stands in the entry's id."""
    fields: dict[FieldT, EncodableT] = {"offset": delta.offset, "text": delta.text}
    if delta.blocks:
        blocks = [(block.end, block.html) for block in delta.blocks]
        fields["blocks"] = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return fields


def delta_read(entry_id: str, fields: Fields) -> Delta:
    """Return the delta of an entry."""
    blocks = json.loads(fields.get("blocks", "[]"))
    return Delta(
        attempt=int(entry_id.partition("-")[0]),
        offset=int(fields["offset"]),
        text=fields["text"],
        blocks=tuple(Block(end, html) for end, html in blocks),
    )


def poke_write(poke: Poke, process: str) -> dict[FieldT, EncodableT]:
    """Return a poke of a process as the fields of an entry."""
    return {"about": poke.about, "subject": poke.subject, "process": process}


def poke_read(fields: Fields) -> tuple[Poke, str]:
    """Return the poke of an entry, and the process that it comes from."""
    return Poke(About(fields["about"]), fields["subject"]), fields["process"]
