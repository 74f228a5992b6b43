"""A stream log for many processes: what is said here, and what is heard of the others."""

from __future__ import annotations

from collections.abc import Callable

from redis.asyncio import Redis

from conversations.chat.inlet import Inlet
from conversations.chat.outlet import Outlet
from conversations.chat.pokes import About, Poke
from conversations.chat.redis_stream import Keys
from conversations.chat.streamlog import Cursor, Delta, MemoryStreamLog, Snapshot, Wake


class RedisStreamLog:
    """Keeps what this process's replies say in memory and copies it to Redis Streams.

    A reply that another process makes is followed while somebody watches it here. Readers see
    memory alone, so Redis may be slow, away or empty: words from this process do not notice,
    and others' come from the database's checkpoints through ``merge``.

    Args:
        writing: A Redis client for the outlet.
        reading: A Redis client for the inlet, whose commands block.
        process: Our name among the processes.
        keys: The streams' names.
        on_fenced: Called with a reply of ours whose stream belongs to another writer.
        on_poke: Called with each poke of another process.
    """

    def __init__(
        self,
        writing: Redis,
        reading: Redis,
        process: str,
        *,
        keys: Keys,
        on_fenced: Callable[[int], None],
        on_poke: Callable[[Poke], None],
    ) -> None:
        self._memory = MemoryStreamLog()
        self._watched: dict[int, int] = {}
        self._ours: set[int] = set()
        memory = self._memory
        self.outlet = Outlet(writing, keys, process, whole=memory.whole, on_fenced=on_fenced)
        self.inlet = Inlet(reading, keys, process, on_words=memory.merge, on_poke=on_poke)

    def begin(self, reply: int, attempt: int) -> None:
        """Start an attempt of this process; what an earlier one said is forgotten."""
        self._ours.add(reply)
        self.inlet.forget(reply)
        self._memory.begin(reply, attempt)
        self.outlet.begin(reply, attempt)

    def append(self, reply: int, delta: Delta) -> None:
        """Add a delta at the end of its attempt and wake the readers, here at once."""
        self._memory.append(reply, delta)
        self.outlet.append(reply, delta)

    def end(self, reply: int) -> None:
        """Forget a reply that ends here; if it goes on elsewhere, its watchers hear of that."""
        self._ours.discard(reply)
        self.outlet.end(reply)
        self._memory.end(reply)
        if reply in self._watched:
            self._follow(reply)

    def erase(self, reply: int) -> None:
        """Let nothing remain of a reply that was erased: not here, and not in Redis."""
        self._ours.discard(reply)
        self.inlet.forget(reply)
        self.outlet.erase(reply)
        self._memory.end(reply)

    def read(self, reply: int, cursor: Cursor | None) -> Delta | Snapshot | None:
        """Return what lies behind the cursor, merged; None when there is nothing new."""
        return self._memory.read(reply, cursor)

    def watch(self, reply: int, wake: Wake) -> Callable[[], None]:
        """Call ``wake`` after each change of a reply until the returned function is called."""
        unwatch_memory = self._memory.watch(reply, wake)
        self._watched[reply] = self._watched.get(reply, 0) + 1
        if self._watched[reply] == 1 and reply not in self._ours:
            self._follow(reply)

        def unwatch() -> None:
            unwatch_memory()
            self._watched[reply] -= 1
            if not self._watched[reply]:
                del self._watched[reply]
                self._forget(reply)

        return unwatch

    def merge(self, reply: int, said: Delta) -> None:
        """Take in what the database has of a reply that is followed, and try its stream again."""
        if reply not in self._ours:
            self._memory.merge(reply, said)
            self.inlet.again(reply)

    def _follow(self, reply: int) -> None:
        self.inlet.follow(reply)
        # The inlet may be waiting at the other streams just now.
        self.outlet.poke(Poke(About.FOLLOWED))

    def _forget(self, reply: int) -> None:
        if reply not in self._ours:
            self.inlet.forget(reply)
            self._memory.end(reply)
