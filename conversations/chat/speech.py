"""What one attempt at a reply says, on its way from the gateway's chunks to the stream log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from conversations.chat.streamlog import Block, Delta, StreamLog
from conversations.chat.text import UpstreamText, utf16_length
from conversations.markdown import Blocks, render_block

MERGE_SECONDS = 0.04


def words_of(attempt: int, text: str) -> Delta:
    """Return everything an attempt has said as the delta that ``Speech`` would have made of it."""
    blocks, end = [], 0
    for source in Blocks().feed(text):
        end += utf16_length(source)
        blocks.append(Block(end, render_block(source)))
    return Delta(attempt, 0, text, tuple(blocks))


class Timer(Protocol):
    """A call that will be made later unless it is cancelled."""

    def cancel(self) -> None:
        """Let the call never be made."""


class Speech:
    """Merges what is said within 40 ms into one delta, the first words at once.

    Args:
        log: Where readers find the deltas.
        reply: The reply's id in the log.
        attempt: The attempt that speaks.
        call_later: ``loop.call_later``, or a test's own.
    """

    def __init__(
        self,
        log: StreamLog,
        reply: int,
        attempt: int,
        *,
        call_later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        self._log = log
        self._reply = reply
        self._attempt = attempt
        self._call_later = call_later
        self._upstream = UpstreamText()
        self._blocks = Blocks()
        self._said: list[str] = []
        self._offset = 0
        self._block_end = 0
        self._unsent = ""
        self._pause: Timer | None = None
        log.begin(reply, attempt)

    @property
    def text(self) -> str:
        """Everything that was said so far."""
        return "".join(self._said)

    def say(self, piece: str) -> None:
        """Take a piece of text as it came from upstream."""
        self._take(self._upstream.feed(piece))
        if self._unsent and self._pause is None:
            self._flush()

    def finish(self) -> None:
        """Send what is still held back; nothing may be said afterwards."""
        self._take(self._upstream.finish())
        if self._pause is not None:
            self._pause.cancel()
        self._pause = None
        self._append()

    def _take(self, text: str) -> None:
        if text:
            self._said.append(text)
            self._unsent += text

    def _flush(self) -> None:
        self._pause = None
        if self._unsent:
            self._append()
            self._pause = self._call_later(MERGE_SECONDS, self._flush)

    def _append(self) -> None:
        text, self._unsent = self._unsent, ""
        if not text:
            return
        blocks = tuple(map(self._block, self._blocks.feed(text)))
        self._log.append(self._reply, Delta(self._attempt, self._offset, text, blocks))
        self._offset += utf16_length(text)

    def _block(self, source: str) -> Block:
        self._block_end += utf16_length(source)
        return Block(self._block_end, render_block(source))
