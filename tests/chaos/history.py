"""What was done, to be held against what the database and the upstream have of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Sent:
    """A message that a browser sent, perhaps many times, until it was acknowledged."""

    browser: str
    id: str
    text: str
    sent_at: float
    accepted_at: float | None = None
    place: tuple[str, int] | None = None  # conversation and position, as acknowledged
    contradictions: list[str] = field(default_factory=list)


class History:
    """All messages of a scenario, by the id that their browser gave them."""

    def __init__(self) -> None:
        self.messages: dict[str, Sent] = {}

    def sent(self, browser: str, message_id: str, text: str) -> None:
        """Note that a browser begins to send a message."""
        self.messages.setdefault(message_id, Sent(browser, message_id, text, time.monotonic()))

    def accepted(self, message_id: str, conversation: str, position: int) -> None:
        """Note an acknowledgement; each must say the same."""
        message, place = self.messages[message_id], (conversation, position)
        if message.place is None:
            message.place, message.accepted_at = place, time.monotonic()
        elif message.place != place:
            message.contradictions.append(f"acknowledged at {message.place} and at {place}")
