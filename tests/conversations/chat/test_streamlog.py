from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.streamlog import Block, Cursor, Delta, MemoryStreamLog, Snapshot
from conversations.chat.text import utf16_length

REPLY = 7


def log_of(*texts: str, attempt: int = 1) -> MemoryStreamLog:
    log = MemoryStreamLog()
    log.begin(REPLY, attempt)
    offset = 0
    for text in texts:
        log.append(REPLY, Delta(attempt, offset, text))
        offset += utf16_length(text)
    return log


def test_a_reader_without_a_cursor_gets_a_snapshot() -> None:
    assert log_of("He", "llo").read(REPLY, None) == Snapshot(1, 5, "Hello")


def test_a_reader_gets_what_lies_behind_its_cursor_as_one_delta() -> None:
    assert log_of("a😀", "b", "c").read(REPLY, Cursor(1, 3)) == Delta(1, 3, "bc")


def test_a_reader_that_has_everything_gets_nothing() -> None:
    assert log_of("abc").read(REPLY, Cursor(1, 3)) is None


def test_a_cursor_that_fits_nowhere_gets_a_snapshot() -> None:
    log = log_of("abc", "def")
    for cursor in (Cursor(1, 1), Cursor(1, 99), Cursor(9, 3)):
        assert log.read(REPLY, cursor) == Snapshot(1, 6, "abcdef")


def test_a_new_attempt_begins_with_an_empty_snapshot() -> None:
    log = log_of("old words")
    log.begin(REPLY, 2)
    assert log.read(REPLY, Cursor(1, 9)) == Snapshot(2, 0, "")


def test_a_writer_of_an_old_attempt_changes_nothing() -> None:
    log = log_of("new", attempt=2)
    log.append(REPLY, Delta(1, 0, "old"))
    assert log.read(REPLY, None) == Snapshot(2, 3, "new")


def test_a_reply_that_ended_is_forgotten() -> None:
    log = log_of("abc")
    log.end(REPLY)
    assert log.read(REPLY, None) is None


def test_a_snapshot_holds_raw_text_only_behind_its_blocks() -> None:
    log = MemoryStreamLog()
    log.begin(REPLY, 1)
    log.append(REPLY, Delta(1, 0, "😀 one\n\nt", (Block(8, "<p>😀 one</p>"),)))
    log.append(REPLY, Delta(1, 9, "wo"))
    assert log.read(REPLY, None) == Snapshot(1, 11, "two", (Block(8, "<p>😀 one</p>"),))


def test_watchers_are_woken_until_they_leave() -> None:
    log, woken = log_of(), []
    unwatch = log.watch(REPLY, lambda: woken.append(1))
    log.append(REPLY, Delta(1, 0, "a"))
    unwatch()
    log.append(REPLY, Delta(1, 1, "b"))
    assert woken == [1]


@given(st.lists(st.text(min_size=1)), st.lists(st.booleans()))
def test_a_reader_at_any_pace_ends_with_the_same_text(texts: list[str], reads: list[bool]) -> None:
    log, seen, cursor = MemoryStreamLog(), "", None
    log.begin(REPLY, 1)

    def read() -> None:
        nonlocal seen, cursor
        piece = log.read(REPLY, cursor)
        if isinstance(piece, Snapshot):
            seen, cursor = piece.text, piece.end
        elif piece:
            assert piece.offset == utf16_length(seen)
            seen, cursor = seen + piece.text, piece.end

    offset = 0
    for index, text in enumerate(texts):
        log.append(REPLY, Delta(1, offset, text))
        offset += utf16_length(text)
        if index < len(reads) and reads[index]:
            read()
    read()
    read()
    assert seen == "".join(texts)
