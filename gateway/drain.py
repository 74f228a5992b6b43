"""Whether a key that was replaced still speaks somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.models import ApiKey
from gateway.processes import heartbeats

# A process that was heard of so long after the key began to drain has stopped giving it calls.
NOTICED_AFTER = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Drain:
    """How far a key has drained.

    Args:
        streams: Answers it still gives, over all processes that live.
        processes: How many processes live.
        silent: How many of them were not heard of since they must have noticed.
    """

    streams: int
    processes: int
    silent: int

    @property
    def is_over(self) -> bool:
        """Whether every process has said that the key is silent there."""
        return bool(self.processes) and not self.streams and not self.silent


def drain_of(key: ApiKey, now: datetime) -> Drain:
    """Count what the processes said of a key in their last heartbeats."""
    name = (key.provider.slug, key.label)
    beats = heartbeats(now)
    return Drain(
        streams=sum(beat.answers.get(name, 0) for beat in beats),
        processes=len(beats),
        silent=sum(beat.at < key.state_since + NOTICED_AFTER for beat in beats),
    )
