from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.sse import SseError, SseEvent, SseParser

LINES = st.one_of(
    st.sampled_from(
        [b"", b"", b": comment", b"data", b"data:", b"event: ping", b"id: 7", b"error: x"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=8).map(
        lambda text: b"data: " + text.encode()
    ),
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
STREAMS = st.lists(st.tuples(LINES, ENDS), max_size=20).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def read(pieces: list[bytes]) -> list[SseEvent]:
    parser = SseParser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.close()


@given(stream=STREAMS, bom=st.sampled_from([b"", b"\xef\xbb\xbf"]), data=st.data())
def test_any_split_of_the_bytes_gives_the_same_events(
    stream: bytes, bom: bytes, data: st.DataObject
) -> None:
    stream = bom + stream
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert read(pieces) == read([stream])


@given(stream=STREAMS)
def test_one_byte_at_a_time_gives_the_same_events(stream: bytes) -> None:
    assert read([bytes((byte,)) for byte in stream]) == read([stream])


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\ndata: b\n\n", [SseEvent("message", "a\nb")]),
        (b"data:a\n\ndata:  b\n\n", [SseEvent("message", "a"), SseEvent("message", " b")]),
        (b"event: ping\ndata: 1\n\ndata: 2\n\n", [SseEvent("ping", "1"), SseEvent("message", "2")]),
        (b"event: lost\n\n", []),
        (b": only a comment\n\n", []),
        (b"data: [DONE]", [SseEvent("message", "[DONE]")]),
        (b'error: {"code": 500}\n\n', [SseEvent("error", '{"code": 500}')]),
        ("data: \u2028\u0085\n\n".encode(), [SseEvent("message", "\u2028\u0085")]),
        (b"data\n\n", [SseEvent("message", "")]),
        (b"\xef\xbb\xbfdata: a\n\n", [SseEvent("message", "a")]),
        (b"\xef\xbb", []),
        (b"", []),
    ],
)
def test_it_reads_what_the_standard_says(stream: bytes, events: list[SseEvent]) -> None:
    assert read([stream]) == events


@pytest.mark.parametrize("cut", [1, 500, 2000])
def test_an_event_longer_than_allowed_is_refused_however_it_is_cut(cut: int) -> None:
    stream = b"data: " + b"x" * 600 + b"\ndata: " + b"x" * 600 + b"\n\n"
    parser = SseParser(max_event_bytes=1000)

    with pytest.raises(SseError, match="longer than 1000 bytes"):
        [parser.feed(stream[at : at + cut]) for at in range(0, len(stream), cut)]


def test_a_line_that_never_ends_is_refused_while_it_still_comes() -> None:
    parser = SseParser(max_event_bytes=1000)
    parser.feed(b"data: " + b"x" * 900)

    with pytest.raises(SseError):
        parser.feed(b"x" * 200)


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(SseError, match="UTF-8"):
        read([b"data: \xff\n\n"])
