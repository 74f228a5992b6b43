"""Where a running reply's text waits for its readers: append-only, read by cursor.

A producer never waits for a reader, and a reader that falls behind gets all that has piled up
as one delta. The database, not this log, is the truth; a log that is gone costs a reader only
the words between two checkpoints.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from conversations.chat.text import utf16_length

Wake: TypeAlias = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has come: ``offset`` UTF-16 units into ``attempt``."""

    attempt: int
    offset: int


@dataclass(frozen=True, slots=True)
class Block:
    """A finished Markdown block that ends at ``end`` UTF-16 units, with its safe HTML."""

    end: int
    html: str


@dataclass(frozen=True, slots=True)
class Delta:
    """New text at ``offset`` UTF-16 units, and the blocks that it finishes."""

    attempt: int
    offset: int
    text: str
    blocks: tuple[Block, ...] = ()

    @property
    def end(self) -> Cursor:
        """Where the next delta begins."""
        return Cursor(self.attempt, self.offset + utf16_length(self.text))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An attempt so far: its finished blocks, and the raw ``text`` behind the last of them."""

    attempt: int
    offset: int
    text: str
    blocks: tuple[Block, ...] = ()

    @property
    def end(self) -> Cursor:
        """Where the next delta begins."""
        return Cursor(self.attempt, self.offset)


class StreamLog(Protocol):
    """What keeps the deltas of running replies, each known by its reply's id.

    None of it waits: what other processes say is fetched beforehand, and a watcher is woken.
    """

    def begin(self, reply: int, attempt: int) -> None:
        """Start an attempt; what an earlier one said is forgotten."""

    def append(self, reply: int, delta: Delta) -> None:
        """Add a delta at the end of its attempt and wake the readers.

        A delta of an attempt that is no longer the newest changes nothing.
        """

    def end(self, reply: int) -> None:
        """Forget a reply whose end the database has."""

    def erase(self, reply: int) -> None:
        """Let nothing remain of a reply that was erased, wherever its words went."""

    def read(self, reply: int, cursor: Cursor | None) -> Delta | Snapshot | None:
        """Return what lies behind the cursor, merged; None when there is nothing new.

        A cursor that fits no delta's end gets a snapshot of everything so far.
        """

    def watch(self, reply: int, wake: Wake) -> Callable[[], None]:
        """Call ``wake`` after each change of a reply until the returned function is called."""


@dataclass(slots=True)
class _Attempt:
    number: int
    deltas: list[Delta] = field(default_factory=list)
    by_offset: dict[int, int] = field(default_factory=dict)  # a delta's offset → its index
    block_end: int = 0

    @property
    def end(self) -> Cursor:
        return self.deltas[-1].end if self.deltas else Cursor(self.number, 0)

    @property
    def whole(self) -> Delta:
        return deltas_merge(self.deltas) if self.deltas else Delta(self.number, 0, "")

    def add(self, delta: Delta) -> None:
        self.by_offset[delta.offset] = len(self.deltas)
        self.deltas.append(delta)
        if delta.blocks:
            self.block_end = delta.blocks[-1].end


class MemoryStreamLog:
    """A stream log for one process, and the part of a shared one that this process knows."""

    def __init__(self) -> None:
        self._attempts: dict[int, _Attempt] = {}
        self._watchers: dict[int, set[Wake]] = defaultdict(set)

    def begin(self, reply: int, attempt: int) -> None:
        """Start an attempt; what an earlier one said is forgotten."""
        self._attempts[reply] = _Attempt(attempt)
        self._wake(reply)

    def append(self, reply: int, delta: Delta) -> None:
        """Add a delta at the end of its attempt and wake the readers."""
        attempt = self._attempts.get(reply)
        if attempt is None or attempt.number != delta.attempt:
            return
        attempt.add(delta)
        self._wake(reply)

    def end(self, reply: int) -> None:
        """Forget a reply whose end the database has."""
        self._attempts.pop(reply, None)

    def erase(self, reply: int) -> None:
        """Let nothing remain of a reply that was erased."""
        self.end(reply)

    def read(self, reply: int, cursor: Cursor | None) -> Delta | Snapshot | None:
        """Return what lies behind the cursor, merged; None when there is nothing new."""
        attempt = self._attempts.get(reply)
        if attempt is None or cursor == attempt.end:
            return None
        if cursor and cursor.attempt == attempt.number and cursor.offset in attempt.by_offset:
            return deltas_merge(attempt.deltas[attempt.by_offset[cursor.offset] :])
        return snapshot_make(attempt.whole)

    def whole(self, reply: int) -> Delta | None:
        """Return all that the newest attempt has said, as one delta from its beginning."""
        attempt = self._attempts.get(reply)
        return attempt.whole if attempt else None

    def merge(self, reply: int, delta: Delta) -> bool:
        """Take in what another source says, as far as it is new; it may repeat and overlap.

        Returns:
            False if it cannot be used, because words before it are missing.
        """
        attempt = self._attempts.get(reply)
        if attempt is None or attempt.number < delta.attempt:
            if delta.offset:
                return False
            self.begin(reply, delta.attempt)
            attempt = self._attempts[reply]
        if delta.attempt < attempt.number:
            return True
        if delta.offset > attempt.end.offset:
            return False
        if delta.end.offset > attempt.end.offset:
            self.append(reply, delta_after(delta, attempt.end.offset, attempt.block_end))
        return True

    def watch(self, reply: int, wake: Wake) -> Callable[[], None]:
        """Call ``wake`` after each change of a reply until the returned function is called."""
        self._watchers[reply].add(wake)

        def unwatch() -> None:
            self._watchers[reply].discard(wake)
            if not self._watchers[reply]:
                del self._watchers[reply]

        return unwatch

    def _wake(self, reply: int) -> None:
        for wake in tuple(self._watchers.get(reply, ())):
            wake()


def deltas_merge(deltas: list[Delta]) -> Delta:
    """Return one delta that says what several adjacent ones say."""
    if len(deltas) == 1:
        return deltas[0]
    return Delta(
        attempt=deltas[0].attempt,
        offset=deltas[0].offset,
        text="".join(delta.text for delta in deltas),
        blocks=tuple(block for delta in deltas for block in delta.blocks),
    )


def delta_after(delta: Delta, offset: int, block_end: int) -> Delta:
    """Return what of a delta lies behind an offset, and its blocks behind a block's end."""
    units = delta.text.encode("utf-16-le")[2 * (offset - delta.offset) :]
    blocks = tuple(block for block in delta.blocks if block.end > block_end)
    return Delta(delta.attempt, offset, units.decode("utf-16-le"), blocks)


def snapshot_make(whole: Delta) -> Snapshot:
    """Return an attempt's whole text as a snapshot: of what blocks cover, only the HTML."""
    covered = whole.blocks[-1].end if whole.blocks else 0
    rest = whole.text.encode("utf-16-le")[2 * covered :].decode("utf-16-le")
    return Snapshot(whole.attempt, whole.end.offset, rest, whole.blocks)
