"""Server-sent events: bytes in, events out, no I/O.

After the WHATWG HTML standard, section 9.2 (event streams), with three differences that
providers make necessary: an event that the end of the stream cut off before its blank line still
counts (llama.cpp omits that line after ``[DONE]``), a field named ``error`` is an event of its own
(older llama.cpp), and bytes that are not UTF-8 are an error instead of a replacement character.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_EVENT_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"


class SseError(ValueError):
    """The stream is not one of server-sent events that we are willing to read."""


class SseEvent(NamedTuple):
    """One event; a named tuple, for there are very many of them.

    Args:
        name: ``message`` unless the stream says otherwise.
        data: Its data lines, joined by line feeds.
    """

    name: str
    data: str


class SseParser:
    """Turns bytes into events, however the bytes were cut.

    Args:
        max_event_bytes: The longest event, or line, that is held in memory.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._partial: list[bytes] = []
        self._partial_bytes = 0
        self._held_bytes = 0
        self._data: list[bytes] = []
        self._name = "message"
        self._after_cr = False
        self._head: bytes | None = b""

    def feed(self, data: bytes) -> list[SseEvent]:
        """Take the next bytes and return the events they complete.

        Raises:
            SseError: An event is longer than allowed, or not UTF-8.
        """
        if self._head is not None:
            data = self._without_bom(data)
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = data.split(b"\n")
        rest = lines.pop()
        events: list[SseEvent] = []
        for line in lines:
            self._line(self._joined(line) if self._partial else line, events)
        if rest:
            self._partial.append(rest)
            self._partial_bytes += len(rest)
            self._check(self._partial_bytes)
        return events

    def close(self) -> list[SseEvent]:
        """Take the end of the stream and return the event it cut off, if there was one.

        Raises:
            SseError: As for ``feed``.
        """
        events: list[SseEvent] = []
        if self._head:
            self._partial.append(self._head)
        self._line(self._joined(b""), events)
        self._line(b"", events)
        return events

    def _joined(self, end: bytes) -> bytes:
        line = b"".join((*self._partial, end))
        self._partial.clear()
        self._partial_bytes = 0
        return line

    def _without_bom(self, data: bytes) -> bytes:
        head = (self._head or b"") + data
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head.removeprefix(_BOM)

    def _line(self, line: bytes, events: list[SseEvent]) -> None:
        if not line:
            if self._data:
                events.append(SseEvent(self._name, _text(b"\n".join(self._data))))
                self._data.clear()
            self._name = "message"
            self._held_bytes = 0
            return
        self._check(len(line))
        if line.startswith(b"data: "):  # nearly every line there is
            self._held_bytes += len(line)
            self._data.append(line[6:])
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._held_bytes += len(line)
            self._data.append(value)
        elif field == b"event":
            self._name = _text(value)
        elif field == b"error":
            events.append(SseEvent("error", _text(value)))

    def _check(self, more: int) -> None:
        if self._held_bytes + more > self._max:
            raise SseError(f"an event is longer than {self._max} bytes")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise SseError("an event is not UTF-8") from None
