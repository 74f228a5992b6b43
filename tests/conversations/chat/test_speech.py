from collections.abc import Callable

import pytest

from conversations.chat.speech import MERGE_SECONDS, Speech
from conversations.chat.streamlog import Cursor, Delta, MemoryStreamLog, Snapshot

REPLY = 7


class Call:
    def __init__(self, function: Callable[[], None]) -> None:
        self.function = function
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Later:
    """Stands in for the event loop's clock: calls are made when a test says so."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, delay: float, function: Callable[[], None]) -> Call:
        assert delay == MERGE_SECONDS
        self.calls.append(Call(function))
        return self.calls[-1]

    def pass_by(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            if not call.is_cancelled:
                call.function()


@pytest.fixture
def log() -> MemoryStreamLog:
    return MemoryStreamLog()


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def speech(log: MemoryStreamLog, later: Later) -> Speech:
    return Speech(log, REPLY, 1, call_later=later)


def test_the_first_words_are_sent_at_once(log: MemoryStreamLog, speech: Speech) -> None:
    speech.say("Hello")
    assert log.read(REPLY, None) == Snapshot(1, 5, "Hello")


def test_what_follows_is_merged(log: MemoryStreamLog, speech: Speech, later: Later) -> None:
    for piece in ("a", "b", "c"):
        speech.say(piece)
    assert log.read(REPLY, Cursor(1, 1)) is None
    later.pass_by()
    assert log.read(REPLY, Cursor(1, 1)) == Delta(1, 1, "bc")


def test_after_a_silence_words_are_sent_at_once_again(
    log: MemoryStreamLog, speech: Speech, later: Later
) -> None:
    speech.say("a")
    later.pass_by()
    speech.say("b")
    assert log.read(REPLY, Cursor(1, 1)) == Delta(1, 1, "b")


def test_the_end_sends_what_is_left(log: MemoryStreamLog, speech: Speech, later: Later) -> None:
    speech.say("a")
    speech.say("b\ud83d")
    speech.finish()
    assert log.read(REPLY, Cursor(1, 1)) == Delta(1, 1, "b\ufffd")
    assert speech.text == "ab\ufffd"
    assert all(call.is_cancelled for call in later.calls)


def test_finished_blocks_are_rendered_once(log: MemoryStreamLog, speech: Speech) -> None:
    speech.say("**One** 😀\n\nTwo")
    piece = log.read(REPLY, Cursor(1, 0))
    assert isinstance(piece, Delta)
    assert [(block.end, block.html) for block in piece.blocks] == [
        (12, "<p><strong>One</strong> 😀</p>\n")
    ]


def test_silence_says_nothing(log: MemoryStreamLog, speech: Speech) -> None:
    speech.say("")
    speech.finish()
    assert log.read(REPLY, Cursor(1, 0)) is None
