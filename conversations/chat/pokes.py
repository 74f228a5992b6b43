"""Small, repeatable hints that something has happened; what happened stands in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

Wake: TypeAlias = Callable[[], None]


class About(StrEnum):
    """What a poke is about, and of what kind its subject is."""

    CHANGED = "changed"  # a conversation, for those who watch it
    WAITING = "waiting"  # a conversation with a reply that nobody works on
    STOPPED = "stopped"  # a reply that its owner shall end
    FOLLOWED = "followed"  # nothing: whoever reads pokes reads on, with one more reply


@dataclass(frozen=True, slots=True)
class Poke:
    """A hint for the other processes; one that is lost costs a delay and never a word."""

    about: About
    subject: str = ""


class Pokes:
    """Wakes whoever watches a conversation, here and in the other processes.

    Args:
        tell: Passes a poke to the other processes, without waiting for it.
    """

    def __init__(self, tell: Callable[[Poke], None] = lambda _: None) -> None:
        self.tell = tell
        self._watchers: dict[UUID, set[Wake]] = defaultdict(set)

    @property
    def watched(self) -> list[UUID]:
        """The conversations that somebody watches here."""
        return list(self._watchers)

    def watch(self, conversation: UUID, wake: Wake) -> Callable[[], None]:
        """Call ``wake`` at each change of a conversation until the returned function is called."""
        self._watchers[conversation].add(wake)

        def unwatch() -> None:
            self._watchers[conversation].discard(wake)
            if not self._watchers[conversation]:
                del self._watchers[conversation]

        return unwatch

    def changed(self, conversation: UUID) -> None:
        """Wake everybody who watches a conversation, wherever they are."""
        self.wake(conversation)
        self.tell(Poke(About.CHANGED, conversation.hex))

    def wake(self, conversation: UUID) -> None:
        """Wake those who watch a conversation in this process."""
        for wake in tuple(self._watchers.get(conversation, ())):
            wake()
